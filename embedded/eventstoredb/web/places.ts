/** Where each page is. The only place that puts names into URLs. */
export interface Place {
  readonly path: string
  readonly query: readonly (readonly [name: string, value: string])[]
}

type Query = Readonly<Record<string, string | number | undefined>>

export const root = '/web'

/** Browsers resolve these as steps in a path, also when they are percent-encoded. */
const steps = new Set(['', '.', '..'])

/** Names are segments of the path, unless browsers would walk on them: then they go into the query. */
function place(page: string, names: Readonly<Record<string, string>>, query: Query = {}): Place {
  const values = Object.values(names).map((name) => name.toWellFormed())
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  )
  if (!values.some((value) => steps.has(value))) {
    return { path: [`${root}/${page}`, ...values.map(encodeURIComponent)].join('/'), query: given }
  }
  const named = Object.keys(names).map((name, index) => [name, values[index] ?? ''] as const)
  return { path: `${root}/${page}`, query: [...named, ...given] }
}

export function href({ path, query }: Place): string {
  if (query.length === 0) return path
  const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return `${path}?${pairs.join('&')}`
}

export type Direction = 'backwards' | 'forwards'

export interface StreamQuery {
  readonly from?: number | undefined
  readonly direction?: Direction | undefined
}

export interface AllQuery extends StreamQuery {
  readonly system?: 'hide' | undefined
}

export const overview: Place = { path: `${root}/`, query: [] }
export const searchPlace: Place = { path: `${root}/go`, query: [] }
export const groupsPlace: Place = { path: `${root}/subscriptions`, query: [] }
export const projectionsPlace: Place = { path: `${root}/projections`, query: [] }

export const streamPlace = (stream: string, query: StreamQuery = {}): Place =>
  place('streams', { stream }, { ...query })
export const metadataPlace = (stream: string): Place => place('metadata', { stream })
export const eventPlace = (stream: string, revision: number | string): Place =>
  place('event', { stream, revision: String(revision) })
export const rawPlace = (stream: string, revision: number, part: 'data' | 'metadata'): Place =>
  place('raw', { stream, revision: String(revision), part })
export const groupPlace = (stream: string, group: string, query: Query = {}): Place =>
  place('subscription', { stream, group }, query)
export const replayPlace = (stream: string, group: string): Place => place('replay', { stream, group })
export const allPlace = (query: AllQuery = {}): Place => place('all', {}, { ...query })

/** By id: there is no index of ids, so where to look is part of the question. */
export const causePlace = (id: string, position: number, correlationId: string | undefined): Place =>
  place('cause', { id }, { position, correlation: correlationId?.toWellFormed() })

/** `cursor` is where to go on: in a stream the next revision, in `$all` the position of the last event seen. */
export const liveStreamPlace = (stream: string, log: string, cursor: number): Place =>
  place('live/stream', { stream }, { log, cursor })
export const liveAllPlace = (log: string, cursor: number, system: 'hide' | undefined): Place =>
  place('live/all', {}, { log, cursor, system })

export const assetPlace = (name: string): Place => ({ path: `${root}/assets/${name}`, query: [] })
