import type { EventRecord } from '../log/event-record.ts'
import { LiveBuffer } from './live-buffer.ts'
import type { GroupSettings } from './settings.ts'
import type { Source } from './source.ts'

/** The most events that a real node reads at once for a group, whatever it is set to. */
const largestPage = 100
/** Events that a filtered group considers at once; most of them are not for it. */
const searchWindow = 500

export interface FeedSink {
  /** How many more messages may wait. */
  room(): number
  take(record: EventRecord, sequence: number): void
  /** Events that the group doesn't want, up to this one. */
  pass(sequence: number, weight: number): void
}

/**
 * Where a group's events come from: pages of history until it has caught up, then each event as it happens. A
 * live group that has no room left falls behind: what happens then is kept in the live buffer, and once that
 * has had to drop something the group reads on where it had come.
 */
export class Feed {
  readonly #source: Source
  readonly #sink: FeedSink
  readonly #page: number
  readonly #waiting: LiveBuffer
  /** Nothing from here on has been taken. */
  #next: number
  #live: boolean
  #known: number | undefined

  constructor(
    source: Source,
    settings: Pick<GroupSettings, 'readBatchSize' | 'liveBufferSize'>,
    start: { readonly next: number; readonly live: boolean },
    sink: FeedSink,
  ) {
    this.#source = source
    this.#sink = sink
    this.#page = Math.min(settings.readBatchSize, largestPage)
    this.#waiting = new LiveBuffer(settings.liveBufferSize)
    this.#next = start.next
    this.#live = start.live
  }

  get live(): boolean {
    return this.#live
  }

  get liveBufferCount(): number {
    return this.#waiting.count
  }

  /** The last event of the source that the group has heard of. */
  get known(): number | undefined {
    return this.#known
  }

  /** Whether there is something to read, and room for it. */
  get wantsPage(): boolean {
    return !this.#live && this.#sink.room() >= this.#page
  }

  /** An event of the source that has just been committed. */
  offer(record: EventRecord): void {
    const sequence = this.#source.sequenceOf(record)
    if (sequence < this.#next) return
    const wanted = this.#source.matches(record)
    if (wanted) this.#known = sequence
    if (this.#live && (!wanted || this.#sink.room() > 0)) {
      this.#consume(record, sequence, wanted)
      return
    }
    if (this.#live) {
      this.#live = false
      this.#waiting.startAt(this.#next)
    }
    if (wanted) this.#waiting.add(record, sequence, this.#source.after(record))
    else this.#waiting.pass(sequence, this.#source.weightOf(record))
  }

  /** Catches up by one page; true if there is more to do at once. */
  catchUp(): boolean {
    if (!this.wantsPage) return false
    if (this.#waiting.reaches(this.#next)) {
      this.#drain()
      return false
    }
    const limit = this.#source.filtered ? Math.min(this.#sink.room(), searchWindow) : this.#page
    const page = this.#source.read(this.#next, limit)
    for (const record of page.records) {
      const sequence = this.#source.sequenceOf(record)
      const wanted = this.#source.matches(record)
      if (wanted) this.#known = Math.max(this.#known ?? sequence, sequence)
      this.#consume(record, sequence, wanted)
    }
    this.#next = page.next
    if (!page.atEnd) return true
    // What is not read by now has come live, however much of the source its metadata hides.
    this.#waiting.reachBackTo(this.#next)
    this.#drain()
    return this.wantsPage
  }

  #consume(record: EventRecord, sequence: number, wanted: boolean): void {
    if (wanted) this.#sink.take(record, sequence)
    else this.#sink.pass(sequence, this.#source.weightOf(record))
    this.#next = this.#source.after(record)
  }

  /** From the live buffer, as far as there is room. */
  #drain(): void {
    while (this.#waiting.count > 0) {
      if (this.#sink.room() <= 0) return
      const event = this.#waiting.shift()
      if (event === undefined) break
      if (event.sequence >= this.#next) {
        this.#sink.take(event.record, event.sequence)
        this.#next = event.after
      }
      if (event.upTo >= this.#next) this.#sink.pass(event.upTo, event.passed)
    }
    this.#waiting.clear()
    this.#live = true
  }
}
