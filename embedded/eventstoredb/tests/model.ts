/**
 * What a node does with streams, as simply as it can be said: lists in memory, and the rules of the protocol one
 * after the other. It is written from those rules, not from the node.
 */
export type Expected = 'any' | 'no_stream' | 'stream_exists' | number

export interface ModelEvent {
  readonly id: string
  readonly note: string
}

export interface Metadata {
  readonly maxCount?: number
  readonly truncateBefore?: number
}

export type Outcome =
  | { readonly kind: 'written'; readonly revision: number; readonly place: number | undefined }
  | { readonly kind: 'wrong revision'; readonly actual: number }
  | { readonly kind: 'deleted' }

export type Reading = readonly string[] | 'missing' | 'deleted'

interface Stream {
  readonly events: { readonly event: ModelEvent; readonly place: number }[]
  /** Where events that are recognised by their id alone are. */
  readonly known: Map<string, number>
  metadata: Metadata
  hasMetadata: boolean
  softDeleted: boolean
  tombstoned: boolean
}

export class Model {
  /** Everything in the order of $all, and what an event's place counts. */
  readonly all: string[] = []
  readonly #streams = new Map<string, Stream>()

  append(name: string, expected: Expected, events: readonly ModelEvent[]): Outcome {
    const stream = this.#stream(name)
    const verdict = this.#check(stream, expected, events)
    if (verdict !== 'write') return verdict
    const revivedAt = stream.events.length
    for (const event of events) {
      stream.known.set(event.id, stream.events.length)
      stream.events.push({ event, place: this.#log(`${name} ${event.note}`) })
    }
    if (events.length > 0 && stream.softDeleted) {
      this.#setMetadata(name, stream, { ...stream.metadata, truncateBefore: revivedAt })
    }
    const last = stream.events.length - 1
    return {
      kind: 'written',
      revision: last,
      place: events.length > 0 ? stream.events[last]?.place : undefined,
    }
  }

  setMetadata(name: string, metadata: Metadata): Outcome {
    const stream = this.#stream(name)
    if (stream.tombstoned) return { kind: 'deleted' }
    const revived = stream.softDeleted
    const place = this.#setMetadata(name, stream, metadata)
    if (revived) this.#setMetadata(name, stream, { ...metadata, truncateBefore: stream.events.length })
    return { kind: 'written', revision: -1, place }
  }

  delete(name: string, expected: Expected): Outcome {
    const stream = this.#stream(name)
    const verdict = this.#check(stream, expected, [freshEvent])
    if (verdict !== 'write') return verdict
    if (stream.events.length === 0 && !stream.hasMetadata) return { kind: 'wrong revision', actual: -1 }
    const place = this.#setMetadata(name, stream, {})
    stream.softDeleted = true
    return { kind: 'written', revision: -1, place }
  }

  tombstone(name: string, expected: Expected): Outcome {
    const stream = this.#stream(name)
    const verdict = this.#check(stream, expected, [freshEvent])
    if (verdict !== 'write') return verdict
    stream.tombstoned = true
    return { kind: 'written', revision: -1, place: this.#log(`${name} ($streamDeleted)`) }
  }

  read(name: string, from: number | 'end', count: number, direction: 'forwards' | 'backwards'): Reading {
    const stream = this.#stream(name)
    if (stream.tombstoned) return 'deleted'
    if (stream.events.length === 0 || stream.softDeleted) return 'missing'
    const last = stream.events.length - 1
    const { maxCount = 0, truncateBefore = 0 } = stream.metadata
    const first = Math.max(truncateBefore, maxCount > 0 ? last - maxCount + 1 : 0)
    const visible = stream.events.flatMap(({ event }, revision) =>
      revision >= first ? [{ revision, note: event.note }] : [],
    )
    const start = from === 'end' ? last : from
    const wanted =
      direction === 'forwards'
        ? visible.filter(({ revision }) => revision >= start)
        : visible.filter(({ revision }) => revision <= start).toReversed()
    return wanted.slice(0, count).map(({ note }) => note)
  }

  /** The last revision, -1 if there is none. */
  lastRevision(name: string): number {
    return this.#stream(name).events.length - 1
  }

  /** What is not looked up in the log is gone with the process. */
  forgetIds(): void {
    for (const { known } of this.#streams.values()) known.clear()
  }

  #check(stream: Stream, expected: Expected, events: readonly ModelEvent[]): Outcome | 'write' {
    const last = stream.events.length - 1
    const wrong: Outcome = { kind: 'wrong revision', actual: last }
    if (stream.tombstoned) return { kind: 'deleted' }
    if (last < 0 && !stream.hasMetadata) {
      return expected === 'any' || expected === 'no_stream' || expected === -1 ? 'write' : wrong
    }
    if (expected === 'stream_exists' && stream.softDeleted) return { kind: 'deleted' }
    if (expected === 'any' || expected === 'stream_exists') return byIds(stream, events) ?? wrong
    const revision = expected === 'no_stream' ? -1 : expected
    if (revision === last) return 'write'
    if (revision > last || events.length === 0) return wrong
    const mismatch = events.findIndex(({ id }, i) => stream.events[revision + 1 + i]?.event.id !== id)
    if (mismatch === -1) return already(stream, revision + events.length)
    return mismatch === 0 && revision === -1 && stream.softDeleted ? 'write' : wrong
  }

  #setMetadata(name: string, stream: Stream, metadata: Metadata): number {
    stream.metadata = metadata
    stream.hasMetadata = true
    stream.softDeleted = false
    return this.#log(`$$${name} ($metadata)`)
  }

  #log(what: string): number {
    this.all.push(what)
    return this.all.length - 1
  }

  #stream(name: string): Stream {
    const known = this.#streams.get(name)
    if (known !== undefined) return known
    const stream: Stream = {
      events: [],
      known: new Map(),
      metadata: {},
      hasMetadata: false,
      softDeleted: false,
      tombstoned: false,
    }
    this.#streams.set(name, stream)
    return stream
  }
}

/** Of a deletion: it is never one that was sent before. */
const freshEvent: ModelEvent = { id: '', note: '' }

/** Where no revision is expected, the ids say whether the events are there; undefined if only some are. */
function byIds(stream: Stream, events: readonly ModelEvent[]): Outcome | 'write' | undefined {
  const [first] = events
  if (first === undefined || !stream.known.has(first.id)) return 'write'
  const found = events.map(({ id }) => stream.known.get(id))
  const last = found.at(-1)
  return found.includes(undefined) || last === undefined ? undefined : already(stream, last)
}

const already = (stream: Stream, revision: number): Outcome => ({
  kind: 'written',
  revision,
  place: stream.events[revision]?.place,
})
