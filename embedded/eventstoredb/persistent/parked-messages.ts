import type { ProposedEvent } from '../codec/recorded-event.ts'
import { proposeLink, proposeMetadata } from '../log/own-events.ts'
import { firstVisible, metadataStream, withTruncateBefore } from '../log/stream-metadata.ts'
import { withJsonMember } from '../log/json-members.ts'
import { originalOf, type Message } from './message.ts'
import { Replay } from './replay.ts'
import { parkedStream, type GroupName } from './settings.ts'
import type { Readers } from './source.ts'
import { writeOwn } from './write-own.ts'

/** A parked message may hold anything, so after a replay its stream is for administrators. */
const adminsOnly = JSON.stringify(
  Object.fromEntries(['$r', '$w', '$d', '$mr', '$mw'].map((right) => [right, '$admins'])),
)

/** The messages that a group couldn't handle: links in a stream of their own, with the reason beside each. */
export class ParkedMessages {
  readonly #readers: Readers
  readonly #stream: string
  readonly #onTruncated: (error: Error | undefined) => void
  #replay: Replay | undefined
  #truncating = false
  #truncationFailed = false

  /** `onTruncated` is told after each replay whether what is done with was taken out, and if not why. */
  constructor(readers: Readers, name: GroupName, onTruncated: (error: Error | undefined) => void) {
    this.#readers = readers
    this.#stream = parkedStream(name)
    this.#onTruncated = onTruncated
  }

  get replaying(): boolean {
    return this.#replay !== undefined
  }

  /** Whether more is to be replayed than has been fed to the group. */
  get wantsRoom(): boolean {
    return this.#replay?.fed === false
  }

  get count(): number {
    const head = this.#readers.log.heads.get(this.#stream)
    if (head.visibleMetadata.softDeleted || head.visiblyTombstoned) return 0
    return Math.max(0, head.committed - firstVisible(head.visibleMetadata, head.committed) + 1)
  }

  park(message: Message, reason: string, added: Date, kept: (error?: Error) => void): void {
    const link = parkingLink(message, reason, added)
    if (link === undefined) kept()
    else writeOwn(this.#readers.log, this.#stream, link, kept)
  }

  /** Begins a replay of all that is parked now, or of what comes before `stopAt`; one under way is extended. */
  replay(stopAt: number | undefined): void {
    if (this.count === 0) return
    const head = this.#readers.log.heads.get(this.#stream)
    const end = Math.min(stopAt ?? Number.POSITIVE_INFINITY, head.committed + 1)
    if (this.#replay !== undefined) {
      this.#replay.extendTo(end)
      return
    }
    const from = firstVisible(head.visibleMetadata, head.committed)
    if (from < end) this.#replay = new Replay(this.#readers.streams, this.#stream, from, end)
  }

  nextToReplay(limit: number): Message[] {
    return this.#replay?.next(limit) ?? []
  }

  /**
   * Takes out of the stream what a replay is done with. Not before all of it is settled: the messages of a
   * replay are nowhere else, so a node that is stopped in its middle would lose those still under way.
   */
  progressed(): void {
    const replay = this.#replay
    if (replay === undefined || !replay.settled || this.#truncating || this.#truncationFailed) return
    const { log, streams } = this.#readers
    const stream = metadataStream(this.#stream)
    const { end } = replay
    const json = withTruncateBefore(streams.last(stream)?.body.data, end)
    this.#truncating = true
    writeOwn(log, stream, proposeMetadata(withJsonMember(json, '$acl', adminsOnly)), (error) => {
      this.#truncating = false
      this.#truncationFailed = error !== undefined
      if (error === undefined && replay.end === end) this.#replay = undefined
      this.#onTruncated(error)
    })
  }

  /** Tries again what failed. */
  tick(): void {
    this.#truncationFailed = false
    this.progressed()
  }
}

/** Undefined if there is nothing to point to. */
function parkingLink(message: Message, reason: string, added: Date): ProposedEvent | undefined {
  const event = message.event ?? originalOf(message)
  if (event === undefined) return undefined
  // A link whose target is gone is parked as what it says, since there is nothing better to point to.
  const target =
    message.event === undefined ? event.body.data.toString('utf8') : `${event.revision}@${event.stream}`
  const number = originalOf(message)?.revision ?? 0
  const metadata = {
    added: added.toISOString(),
    reason,
    ...(number === 0 ? {} : { subscriptionEventNumber: number }),
  }
  return proposeLink(target, JSON.stringify(metadata))
}
