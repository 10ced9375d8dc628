import { Expected } from '../log/commit-check.ts'
import { parseTarget, resolveLink } from '../log/links.ts'
import { proposeLink, proposeMetadata } from '../log/own-events.ts'
import { firstVisible, metadataStream, withTruncateBefore } from '../log/stream-metadata.ts'
import { originalOf, type Message } from './message.ts'
import { parkedStream, type GroupConfig } from './settings.ts'
import type { Readers } from './source.ts'

/** Replayed messages are tried after everything else that is tried again. */
const lastInLine = Number.MAX_SAFE_INTEGER

/** The messages that a group couldn't handle: links in a stream of their own, with the reason beside each. */
export class ParkedMessages {
  readonly #readers: Readers
  readonly #stream: string
  #replay: { next: number; readonly end: number } | undefined

  constructor(readers: Readers, config: GroupConfig) {
    this.#readers = readers
    this.#stream = parkedStream(config)
  }

  get replaying(): boolean {
    return this.#replay !== undefined
  }

  get count(): number {
    const head = this.#readers.log.heads.get(this.#stream)
    if (head.visibleMetadata.softDeleted) return 0
    return Math.max(0, head.committed - firstVisible(head.visibleMetadata, head.committed) + 1)
  }

  park(message: Message, reason: string, added: Date, parked: () => void): void {
    const event = message.event ?? originalOf(message)
    if (event === undefined) {
      parked()
      return
    }
    // A link whose target is gone is parked as what it says, since there is nothing better to point to.
    const target =
      message.event === undefined ? event.body.data.toString('utf8') : `${event.revision}@${event.stream}`
    const number = originalOf(message)?.revision ?? 0
    const metadata = {
      added: added.toISOString(),
      reason,
      ...(number === 0 ? {} : { subscriptionEventNumber: number }),
    }
    const events = [proposeLink(target, JSON.stringify(metadata))]
    this.#readers.log.append({ stream: this.#stream, expected: Expected.any, events }, (result) => {
      // Not parked: it stays outstanding, and comes again after a restart.
      if (result.kind === 'appended') parked()
    })
  }

  /** Begins a replay of all that is parked now, or of what comes before `stopAt`. */
  replay(stopAt: number | undefined): void {
    const head = this.#readers.log.heads.get(this.#stream)
    const end = Math.min(stopAt ?? Number.POSITIVE_INFINITY, head.committed + 1)
    const next = this.#replay?.next ?? firstVisible(head.visibleMetadata, head.committed)
    if (this.count > 0 && next < end) this.#replay = { next, end }
  }

  nextToReplay(limit: number): Message[] {
    const replay = this.#replay
    if (replay === undefined || limit <= 0) return []
    const { streams } = this.#readers
    const page = streams.forward(this.#stream, replay.next, Math.min(limit, replay.end - replay.next))
    const messages: Message[] = []
    for (const link of page.kind === 'events' ? page.records : []) {
      replay.next = link.revision + 1
      const event = resolveLink(streams, link)
      const target = parseTarget(link.body.data.toString('utf8'))
      if (event === undefined || target === undefined) continue
      messages.push({ id: link.id, sequence: lastInLine, event, link, retryCount: 0, step: undefined })
    }
    if (replay.next >= replay.end || page.kind !== 'events' || page.next === undefined)
      this.#endReplay(replay.end)
    return messages
  }

  #endReplay(end: number): void {
    this.#replay = undefined
    const { log, streams } = this.#readers
    const stream = metadataStream(this.#stream)
    const json = withTruncateBefore(streams.last(stream)?.body.data, end)
    log.append({ stream, expected: Expected.any, events: [proposeMetadata(json)] }, () => undefined)
  }
}
