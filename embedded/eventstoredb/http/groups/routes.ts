import type { GroupRequest } from '../../codec/persistent-requests.ts'
import type { GroupRegistry } from '../../persistent/registry.ts'
import type { GroupName } from '../../persistent/settings.ts'
import type { NodeContext } from '../../services/context.ts'
import { GroupOperations } from '../../services/group-operations.ts'
import { jsonAnswer, type Answer } from '../answers.ts'
import { endpoints, type Endpoint } from '../endpoint.ts'
import type { Exchange } from '../exchange.ts'
import { pageRequest } from '../feeds/request.ts'
import { serveFeed } from '../feeds/serve-feed.ts'
import { requireOperations } from '../guard.ts'
import { parseJson } from '../posting/proposals.ts'
import { Problem } from '../problem.ts'
import type { Routes } from '../site.ts'
import type { Waiting } from '../waiting.ts'
import { detailsOf, groupUri, summaryOf } from './group-json.ts'
import { parkedSource } from './parked-source.ts'
import { parseSettings } from './settings.ts'

const maxSettingsSize = 64 * 1024

const nameOf = (exchange: Exchange): GroupName => ({
  stream: exchange.param('stream'),
  group: exchange.param('group'),
})

const done = (options: { status?: number; extra?: Readonly<Record<string, string>> } = {}): Answer =>
  jsonAnswer({ result: 'Success', reason: '' }, options)

/** Consumer groups: to see and to manage, but not to consume. */
export function groupRoutes(context: NodeContext, groups: GroupRegistry, waiting: Waiting): Routes {
  const operations = new GroupOperations(context, groups)
  const parked = (exchange: Exchange, from: string, direction: string, count?: string): Promise<Answer> => {
    const name = nameOf(exchange)
    // Says so if there is no such group, rather than that it has put nothing aside.
    operations.info(name)
    const request = pageRequest({ from, direction, count })
    return serveFeed(context, waiting, exchange, parkedSource(context, name), request)
  }
  return (router) => {
    const add = endpoints(router, context)
    const on = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, endpoint: Endpoint): void =>
      add(method, path, (exchange) => {
        requireOperations(context.access, exchange.principal)
        return endpoint(exchange)
      })
    on('GET', '/subscriptions', ({ base }) =>
      jsonAnswer(operations.list(undefined).map((info) => summaryOf(info, base))),
    )
    on('GET', '/subscriptions/:stream', (exchange) =>
      jsonAnswer(operations.list(exchange.param('stream')).map((info) => summaryOf(info, exchange.base))),
    )
    on('GET', '/subscriptions/:stream/:group/info', (exchange) =>
      jsonAnswer(detailsOf(operations.info(nameOf(exchange)), exchange.base)),
    )
    on('PUT', '/subscriptions/:stream/:group', async (exchange) => {
      const request = await requestOf(exchange)
      await operations.create(request, exchange.principal.name)
      return done({ status: 201, extra: { location: groupUri(exchange.base, request) } })
    })
    on('POST', '/subscriptions/:stream/:group', async (exchange) => {
      const request = await requestOf(exchange)
      await operations.update(request, exchange.principal.name)
      return done({ extra: { location: groupUri(exchange.base, request) } })
    })
    on('DELETE', '/subscriptions/:stream/:group', async (exchange) => {
      await operations.delete(nameOf(exchange), exchange.principal.name)
      return done()
    })
    on('POST', '/subscriptions/:stream/:group/replayParked', (exchange) => {
      operations.replayParked(nameOf(exchange), stopAtOf(exchange))
      return done()
    })
    on('POST', '/subscriptions/restart', async () => {
      await operations.restart()
      return done()
    })
    const view = '/subscriptions/viewparkedmessages/:stream/:group'
    on('GET', view, (exchange) => parked(exchange, 'head', 'backward'))
    on('GET', `${view}/:event/:direction/:count`, (exchange) =>
      parked(exchange, exchange.param('event'), exchange.param('direction'), exchange.param('count')),
    )
  }
}

async function requestOf(exchange: Exchange): Promise<GroupRequest> {
  const body = await exchange.body(maxSettingsSize)
  // Without a body all settings are what they usually are.
  const settings = parseSettings(body.length === 0 ? {} : parseJson(body))
  return { ...nameOf(exchange), source: 'stream', filter: undefined, settings }
}

function stopAtOf(exchange: Exchange): number | undefined {
  const text = exchange.query('stopAt')
  if (text === undefined) return undefined
  if (/^-?\d{1,15}$/u.test(text)) return Number(text)
  throw new Problem(400, 'stopAt must be the number of a parked message.')
}
