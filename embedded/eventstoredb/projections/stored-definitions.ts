import { z } from 'zod'

import type { ProposedEvent } from '../codec/recorded-event.ts'
import { Expected } from '../log/commit-check.ts'
import { ownEvent } from '../log/own-events.ts'
import { appendDurably } from './appending.ts'
import { parseJson } from './json.ts'
import type { Readers } from './readers.ts'
import type { SystemProjection } from './system-projections.ts'

/** What is kept of a projection between starts; all of it is written again with each change. */
export interface Definition {
  readonly query: string
  readonly enabled: boolean
  readonly epoch: number
  readonly version: number
}

const registrationStream = '$projections-$all'
const initializedType = '$ProjectionsInitialized'
const createdType = '$ProjectionCreated'
const deletedType = '$ProjectionDeleted'
const updatedType = '$ProjectionUpdated'
const pageSize = 256

const definitionStream = (projection: string): string => `$projections-${projection}`

const stored = z.object({ query: z.string(), enabled: z.boolean(), epoch: z.int(), version: z.int() })

/**
 * The numbers of the projections by their names, those that are missing registered first. A projection's number
 * is that of the event which registered it.
 */
export async function register(
  readers: Readers,
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const registered = registrations(readers)
  const missing = names.filter((name) => !registered.has(name))
  if (missing.length === 0) return registered
  const empty = readers.streams.last(registrationStream) === undefined
  const events = [
    ...(empty ? [event(initializedType, '')] : []),
    ...missing.map((name) => event(createdType, name)),
  ]
  await append(readers, registrationStream, events)
  return registrations(readers)
}

function registrations({ streams }: Readers): Map<string, number> {
  const numbers = new Map<string, number>()
  for (let from: number | undefined = 0; from !== undefined;) {
    const page = streams.forward(registrationStream, from, pageSize)
    if (page.kind !== 'events') break
    for (const { type, revision, body } of page.records) {
      const name = body.data.toString('utf8')
      if (type === createdType) numbers.set(name, revision)
      else if (type === deletedType) numbers.delete(name)
    }
    from = page.next
  }
  return numbers
}

/** System projections run unless someone disables them. Nobody has reset this one. */
export const initialDefinition = ({ defaultQuery }: SystemProjection): Definition => ({
  query: defaultQuery,
  enabled: true,
  epoch: -1,
  version: 1,
})

/** Undefined if there is none. Throws if what is stored is no definition of this projection. */
export function readDefinition(
  { streams }: Readers,
  { name, configure }: SystemProjection,
): Definition | undefined {
  const stream = definitionStream(name)
  const last = streams.last(stream)
  if (last === undefined) return undefined
  const definition = stored.safeParse(parseJson(last.body.data.toString('utf8'))).data
  if (last.type !== updatedType || definition === undefined || configure(definition.query) === undefined) {
    throw new Error(`Event ${last.revision} of ${stream} doesn't define the projection.`)
  }
  return definition
}

export async function writeDefinition(
  readers: Readers,
  { name, handler }: SystemProjection,
  { query, enabled, epoch, version }: Definition,
): Promise<void> {
  const handlerType = `native:EventStore.Projections.Core.Standard.${handler}`
  const mode = 'Continuous'
  const json = JSON.stringify({ handlerType, query, mode, enabled, emitEnabled: true, epoch, version })
  await append(readers, definitionStream(name), [ownEvent(updatedType, json)])
}

async function append({ log }: Readers, stream: string, events: readonly ProposedEvent[]): Promise<void> {
  const taken = await appendDurably(log, { stream, expected: Expected.any, events })
  if (!taken) throw new Error(`The stream ${stream} was deleted, so projections can't keep their state.`)
}

/** Registrations hold names, which are no JSON. */
const event = (type: string, data: string): ProposedEvent => ({ ...ownEvent(type, data), json: false })
