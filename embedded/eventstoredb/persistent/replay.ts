import { resolveLink } from '../log/links.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import type { Message } from './message.ts'
import { Progress } from './progress.ts'

/** Replayed messages are tried after everything else that is tried again. */
const lastInLine = Number.MAX_SAFE_INTEGER

/** The parked messages from one revision of their stream up to another, on their way to clients once more. */
export class Replay {
  readonly #streams: StreamReader
  readonly #stream: string
  readonly #progress = new Progress()
  #next: number
  #end: number

  constructor(streams: StreamReader, stream: string, from: number, end: number) {
    this.#streams = streams
    this.#stream = stream
    this.#next = from
    this.#end = end
  }

  /** The first revision that is not replayed. */
  get end(): number {
    return this.#end
  }

  get fed(): boolean {
    return this.#next >= this.#end
  }

  /** Whether all is acknowledged, or parked once more. */
  get settled(): boolean {
    return this.fed && (this.#progress.settled ?? -1) >= this.#end - 1
  }

  extendTo(end: number): void {
    this.#end = Math.max(this.#end, end)
  }

  /** Those whose event can't be had any more are passed over. */
  next(limit: number): Message[] {
    if (limit <= 0 || this.fed) return []
    const page = this.#streams.forward(this.#stream, this.#next, Math.min(limit, this.#end - this.#next))
    const messages: Message[] = []
    for (const link of page.kind === 'events' ? page.records : []) {
      const event = resolveLink(this.#streams, link)
      if (event === undefined) continue
      const step = this.#progress.begin(link.revision)
      messages.push({
        id: link.id,
        sequence: lastInLine,
        event,
        link,
        retryCount: 0,
        step,
        bucket: undefined,
      })
    }
    const next = page.kind === 'events' ? (page.next ?? this.#end) : this.#end
    this.#next = Math.min(next, this.#end)
    this.#progress.pass(this.#next - 1, 0)
    return messages
  }
}
