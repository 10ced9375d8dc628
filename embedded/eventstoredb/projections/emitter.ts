import { randomUUID } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import type { ProposedEvent } from '../codec/recorded-event.ts'
import { Expected } from '../log/commit-check.ts'
import type { EventLog } from '../log/event-log.ts'
import { proposeMetadata } from '../log/own-events.ts'
import type { StreamHead } from '../log/stream-head.ts'
import { metadataStream, withTruncateBefore } from '../log/stream-metadata.ts'
import { appendDurably } from './appending.ts'
import { readTag, tagFields } from './position-tag.ts'
import type { SourceEvent } from './source-event.ts'
import type { Emission } from './system-projections.ts'
import { sameEpoch, type ProjectionVersion } from './version.ts'

/** An emission, and what it is for: an event, or no more than a position in the log. */
export interface Output {
  readonly emission: Emission
  readonly position: number
  readonly cause?: SourceEvent
}

/** Anyone may read what projections write; what was linked to keeps its own rules. */
const outputMetadata = '{"$acl":{"$r":"$all","$mr":"$all"}}'
const nothingYet = -1
const knownStreams = 10_000
const namedLosses = 10

/**
 * Writes a projection's output, each event exactly once: the last one in a stream names the position that it is
 * for, and what is for that position or an earlier one is there already. Nothing else has to be remembered, so
 * it doesn't matter when the node was killed, or from how far back a projection starts again.
 */
export class Emitter {
  readonly #log: EventLog
  readonly #version: ProjectionVersion
  readonly #onLoss: (stream: string) => void
  readonly #lastPositions = new LRUCache<string, number>({ max: knownStreams })
  readonly #lost: string[] = []

  constructor(log: EventLog, version: ProjectionVersion, onLoss: (stream: string) => void) {
    this.#log = log
    this.#version = version
    this.#onLoss = onLoss
  }

  /** Streams that were hard-deleted, so that they miss what should be in them: the first few. */
  get lost(): readonly string[] {
    return this.#lost
  }

  /** Resolves when all of it is on disk. Outputs come in the order of the log. */
  async write(outputs: readonly Output[]): Promise<void> {
    const writes: Promise<unknown>[] = []
    for (const [stream, group] of Map.groupBy(outputs, ({ emission }) => emission.stream)) {
      this.#extend(stream, group, writes)
    }
    await Promise.all(writes)
  }

  #extend(stream: string, outputs: readonly Output[], writes: Promise<unknown>[]): void {
    const head = this.#log.heads.get(stream)
    if (head.tombstoned) {
      this.#lose(stream)
      return
    }
    const last = this.#lastPositions.get(stream) ?? this.#lastPosition(head)
    const missing = outputs.filter(({ position }) => position > (last ?? nothingYet))
    const newest = missing.at(-1)
    if (newest === undefined) return
    const metadata = this.#metadataFor(head, last === undefined)
    if (metadata !== undefined) {
      const events = [proposeMetadata(metadata)]
      writes.push(
        appendDurably(this.#log, { stream: metadataStream(stream), expected: Expected.any, events }),
      )
    }
    const events = missing.map((output) => this.#propose(output))
    writes.push(appendDurably(this.#log, { stream, expected: head.revision, events }))
    this.#lastPositions.set(stream, newest.position)
  }

  /** Undefined if what is in the stream is of an earlier epoch. What others wrote there is passed over. */
  #lastPosition(head: StreamHead): number | undefined {
    for (let revision = head.revision; revision >= 0; revision -= 1) {
      const record = this.#log.heads.at(head, revision)
      const tag = record === undefined ? undefined : readTag(record)
      if (tag !== undefined) return sameEpoch(tag.version, this.#version) ? tag.position : undefined
    }
    return nothingYet
  }

  /** What the stream's metadata has to be before the next event, if it is not that already. */
  #metadataFor(head: StreamHead, newEpoch: boolean): string | undefined {
    const next = head.revision + 1
    if (newEpoch && head.metadata.truncateBefore !== next) {
      const metadata = this.#log.heads.get(metadataStream(head.name))
      const current = this.#log.heads.at(metadata, metadata.revision)?.body.data
      return withTruncateBefore(current ?? Buffer.from(outputMetadata), next)
    }
    return head.hasMetadata ? undefined : outputMetadata
  }

  #propose({ emission, position, cause }: Output): ProposedEvent {
    const correlation = cause?.text('$correlationId')
    const metadata = {
      ...tagFields({ version: this.#version, position }),
      ...emission.extra,
      ...(cause === undefined ? {} : { $causedBy: cause.record.id }),
      ...(correlation === undefined ? {} : { $correlationId: correlation }),
    }
    return {
      id: randomUUID(),
      type: emission.type,
      json: false,
      data: typeof emission.data === 'string' ? Buffer.from(emission.data) : emission.data,
      metadata: Buffer.from(JSON.stringify(metadata)),
      own: true,
    }
  }

  #lose(stream: string): void {
    if (this.#lost.length >= namedLosses || this.#lost.includes(stream)) return
    this.#lost.push(stream)
    this.#onLoss(stream)
  }
}
