import type { EventLog } from '../log/event-log.ts'
import type { EventRecord } from '../log/event-record.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import type { Progress } from './progress.ts'
import { checkpointStream, type GroupConfig } from './settings.ts'
import { writeOwn } from './write-own.ts'

export interface CheckpointOptions {
  readonly log: EventLog
  readonly config: GroupConfig
  readonly progress: Progress
  /** The checkpoint that is there already. */
  readonly last: string | undefined
  readonly textOf: (sequence: number) => string
  readonly now: number
  /** Told after each write whether it failed. */
  readonly onWritten: (error: Error | undefined) => void
}

/**
 * Writes down how far a group has come: whenever enough is settled, and after some time if it is at least a
 * little. One write at a time; what is settled meanwhile goes into the next. A write that fails is not taken as
 * done, and is tried again at the next tick.
 */
export class Checkpoints {
  readonly #options: CheckpointOptions
  readonly #stream: string
  #last: string | undefined
  /** The progress that the last write, under way or done, has taken in. */
  #written = 0
  #writing = false
  #failed = false
  #stopped = false
  #triedAt: number

  constructor(options: CheckpointOptions) {
    this.#options = options
    this.#stream = checkpointStream(options.config)
    this.#last = options.last
    this.#triedAt = options.now
  }

  /** The last one that is on disk. */
  get last(): string | undefined {
    return this.#last
  }

  /** Something was settled. */
  progressed(): void {
    const { maxCheckpointCount } = this.#options.config.settings
    if (!this.#failed && this.#since >= Math.max(1, maxCheckpointCount)) this.#write()
  }

  tick(now: number): void {
    this.#failed = false
    const { checkpointAfterMs, minCheckpointCount } = this.#options.config.settings
    this.progressed()
    if (checkpointAfterMs <= 0 || now - this.#triedAt < checkpointAfterMs) return
    this.#triedAt = now
    if (this.#since >= Math.max(1, minCheckpointCount)) this.#write()
  }

  /** Nothing is written any more. */
  stop(): void {
    this.#stopped = true
  }

  get #since(): number {
    return this.#options.progress.count - this.#written
  }

  #write(): void {
    const { log, progress, textOf, onWritten } = this.#options
    const { settled, count } = progress
    if (this.#writing || this.#stopped || settled === undefined) return
    const text = textOf(settled)
    const before = this.#written
    this.#writing = true
    this.#written = count
    // Only the newest counts; the one before is kept for those who look.
    const metadata = metadataStream(this.#stream)
    if (this.#last === undefined) {
      writeOwn(log, metadata, proposeMetadata('{"$maxCount":2}'), (error) => {
        if (error !== undefined) onWritten(error)
      })
    }
    writeOwn(log, this.#stream, ownEvent('$SubscriptionCheckpoint', JSON.stringify(text)), (error) => {
      this.#writing = false
      this.#failed = error !== undefined
      if (error === undefined) this.#last = text
      else this.#written = before
      onWritten(error)
      this.progressed()
    })
  }
}

/** What a stored checkpoint says; throws if that is nothing that a group writes. */
export function checkpointText(record: EventRecord): string {
  const value: unknown = JSON.parse(record.body.data.toString('utf8'))
  if (typeof value !== 'string') throw new Error(`The checkpoint in ${record.stream} is no position.`)
  return value
}
