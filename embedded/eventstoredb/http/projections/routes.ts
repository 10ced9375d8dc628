import {
  ClosedError,
  InvalidQueryError,
  type ManagedProjection,
} from '../../projections/managed-projection.ts'
import type { Projections } from '../../projections/projections.ts'
import type { NodeContext } from '../../services/context.ts'
import { jsonAnswer, textAnswer, type Answer } from '../answers.ts'
import { endpoints } from '../endpoint.ts'
import type { Exchange } from '../exchange.ts'
import { requireOperations, requireStatistics } from '../guard.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../site.ts'
import { projectionJson, projectionUri, queryJson } from './projection-json.ts'

const maxQuerySize = 64 * 1024

/** System projections are continuous, all of them. */
const modes = ['any', 'all-non-transient', 'continuous', 'onetime', 'transient'] as const
const withoutAny: readonly string[] = ['onetime', 'transient']

type Command = (projection: ManagedProjection) => Promise<void>

const commands: Readonly<Record<string, Command>> = {
  enable: (projection) => projection.enable(),
  disable: (projection) => projection.disable({ checkpoint: true }),
  abort: (projection) => projection.disable({ checkpoint: false }),
  reset: (projection) => projection.reset(),
}

/** Projections, as far as this node has them: how they do is for users to see, what changes them for operators. */
export function projectionRoutes(
  context: Pick<NodeContext, 'access' | 'report'>,
  projections: Projections,
): Routes {
  const { access } = context
  return (router) => {
    const add = endpoints(router, context)
    const named = (exchange: Exchange): ManagedProjection => existing(projections, exchange.param('name'))
    const see = (path: string, answer: (exchange: Exchange) => Answer): void =>
      add('GET', path, (exchange) => {
        requireStatistics(access, exchange.principal)
        return answer(exchange)
      })
    const change = (
      method: 'POST' | 'PUT' | 'DELETE',
      path: string,
      answer: (exchange: Exchange) => Promise<Answer> | Answer,
    ): void =>
      add(method, path, (exchange) => {
        requireOperations(access, exchange.principal)
        return answer(exchange)
      })

    for (const mode of modes) {
      see(`/projections/${mode}`, ({ base }) => {
        const found = withoutAny.includes(mode) ? [] : projections.all()
        return jsonAnswer({ projections: found.map((projection) => projectionJson(projection, base)) })
      })
    }
    for (const mode of ['continuous', 'onetime', 'transient']) {
      change('POST', `/projections/${mode}`, () => {
        throw new Problem(501, 'This node runs no JavaScript: it can not create projections.')
      })
    }
    see('/projection/:name', (exchange) => jsonAnswer(projectionJson(named(exchange), exchange.base)))
    see('/projection/:name/statistics', (exchange) =>
      jsonAnswer({ projections: [projectionJson(named(exchange), exchange.base)] }),
    )
    see('/projection/:name/query', (exchange) => {
      const projection = named(exchange)
      return exchange.query('config') === undefined
        ? textAnswer(projection.query)
        : jsonAnswer(queryJson(projection))
    })
    // A system projection has no state of its own: what it knows is in its streams.
    for (const what of ['state', 'result']) {
      see(`/projection/:name/${what}`, (exchange) => {
        named(exchange)
        return jsonAnswer({})
      })
    }
    for (const [name, command] of Object.entries(commands)) {
      change('POST', `/projection/:name/command/${name}`, async (exchange) => {
        const projection = named(exchange)
        await carriedOut(() => command(projection))
        return done(exchange, projection)
      })
    }
    change('PUT', '/projection/:name/query', async (exchange) => {
      const projection = named(exchange)
      const query = await exchange.body(maxQuerySize)
      await carriedOut(() => projection.update(query.toString('utf8')))
      return done(exchange, projection)
    })
    change('DELETE', '/projection/:name', (exchange) => {
      throw new Problem(400, `'${named(exchange).name}' is a system projection, which can not be deleted.`)
    })
  }
}

const done = ({ base }: Exchange, { name }: ManagedProjection): Answer =>
  jsonAnswer({ name }, { extra: { location: projectionUri(base, name) } })

function existing(projections: Projections, name: string): ManagedProjection {
  const projection = projections.get(name)
  if (projection === undefined) throw new Problem(404, `There is no projection '${name}'.`)
  return projection
}

async function carriedOut(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof InvalidQueryError) throw new Problem(400, error.message)
    if (error instanceof ClosedError) throw new Problem(503, error.message)
    throw error
  }
}
