import { Expected } from '../log/commit-check.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { GroupClient } from './client.ts'
import { ConsumerGroup, type NackAction } from './consumer-group.ts'
import { ParkedMessages } from './parked-messages.ts'
import { Progress } from './progress.ts'
import { Rate } from './rate.ts'
import { checkpointStream, type GroupConfig } from './settings.ts'
import { createSource, resolve, type Readers, type Source } from './source.ts'
import type { Strategy } from './strategy.ts'

const pageSize = 128
const pagesPerTurn = 16

/** A group at work: feeds the rules from the log and writes down what they decide. */
export class RunningGroup {
  readonly config: GroupConfig
  readonly source: Source
  readonly consumers: ConsumerGroup
  readonly parked: ParkedMessages
  readonly rate: Rate
  readonly #readers: Readers
  readonly #now: () => number
  readonly #progress = new Progress()
  readonly #unsubscribe: () => void
  #next: number
  #known: number
  #checkpoint: string | undefined
  #checkpointedAt: number
  #feeding = false
  #stopped = false

  constructor(readers: Readers, config: GroupConfig, strategy: Strategy, now: () => number) {
    this.config = config
    this.#readers = readers
    this.#now = now
    this.rate = new Rate(now())
    this.source = createSource(readers, config)
    this.parked = new ParkedMessages(readers, config)
    this.consumers = new ConsumerGroup(config.settings, strategy, this.#progress, {
      park: (message, reason, parked) => this.parked.park(message, reason, new Date(this.#now()), parked),
      onProgress: () => this.#advance(),
    })
    const checkpoint = readers.streams.last(checkpointStream(config))
    this.#checkpoint = checkpoint === undefined ? undefined : checkpointText(checkpoint)
    this.#checkpointedAt = now()
    this.#next = this.#start()
    this.#known = this.#next - 1
    this.#unsubscribe = readers.log.onCommit(() => this.#feed())
    this.#feed()
  }

  get checkpoint(): string {
    return this.#checkpoint ?? ''
  }

  get lastKnown(): string {
    return this.#known < 0 ? '' : this.source.textOf(this.#known)
  }

  get status(): string {
    const state = this.#next > this.source.last() ? 'Live' : 'Behind'
    return this.parked.replaying ? `${state}, ReplayingParkedMessages` : state
  }

  join(client: GroupClient): void {
    this.consumers.join(client, this.#now())
    this.#feed()
  }

  leave(client: GroupClient): void {
    this.consumers.leave(client, this.#now())
  }

  ack(client: GroupClient, ids: readonly string[]): void {
    this.consumers.ack(client, ids, this.#now())
  }

  nack(client: GroupClient, ids: readonly string[], action: NackAction, reason: string): void {
    this.consumers.nack(client, ids, action, reason, this.#now())
  }

  replayParked(stopAt: number | undefined): void {
    this.parked.replay(stopAt)
    this.#feed()
  }

  /** Once a second: what has taken too long, and the checkpoint that only time brings about. */
  tick(): void {
    const now = this.#now()
    this.consumers.expire(now)
    this.rate.measure(now)
    for (const client of this.consumers.clients) client.rate.measure(now)
    const { checkpointAfterMs, minCheckpointCount } = this.config.settings
    const due = checkpointAfterMs > 0 && now - this.#checkpointedAt >= checkpointAfterMs
    if (due && this.#progress.sinceCheckpoint >= Math.max(1, minCheckpointCount)) this.#writeCheckpoint()
  }

  stop(): void {
    this.#stopped = true
    this.#unsubscribe()
  }

  #start(): number {
    if (this.#checkpoint !== undefined) {
      const position = this.source.numberOf(this.#checkpoint)
      if (Number.isSafeInteger(position)) return position + 1
    }
    const { startFrom } = this.config.settings
    if (startFrom === 'start') return 0
    return startFrom === 'end' ? this.source.last() + 1 : startFrom
  }

  #advance(): void {
    const { maxCheckpointCount } = this.config.settings
    if (maxCheckpointCount > 0 && this.#progress.sinceCheckpoint >= maxCheckpointCount)
      this.#writeCheckpoint()
    if (this.consumers.freshCount * 2 <= this.config.settings.historyBufferSize) this.#feed()
  }

  /** Reads on while there is room. New events need no other way: the newest are in memory anyhow. */
  #feed(): void {
    if (this.#feeding || this.#stopped) return
    this.#feeding = true
    let pages = 0
    while (pages < pagesPerTurn && this.#readPage()) pages += 1
    this.#replayPage()
    this.consumers.dispatch(this.#now())
    this.#feeding = false
    if (pages === pagesPerTurn) setImmediate(() => this.#feed())
  }

  #readPage(): boolean {
    const room = this.config.settings.historyBufferSize - this.consumers.freshCount
    if (room <= 0 || this.#next > this.source.last()) return false
    const records = this.source.read(this.#next, Math.min(room, pageSize))
    for (const record of records) this.#take(record)
    return records.length > 0
  }

  #take(record: EventRecord): void {
    const sequence = this.source.sequenceOf(record)
    this.#next = sequence + 1
    this.#known = sequence
    if (!this.source.matches(record)) {
      this.#progress.pass(sequence, this.source.isBookkeeping(record) ? 0 : 1)
      return
    }
    const { event, link } = resolve(this.#readers.streams, record, this.config.settings.resolveLinks)
    const step = this.#progress.begin(sequence)
    this.consumers.enqueue({ id: record.id, sequence, event, link, retryCount: 0, step })
  }

  #replayPage(): void {
    const room = this.config.settings.historyBufferSize - this.consumers.retryCount
    for (const message of this.parked.nextToReplay(room)) this.consumers.enqueueReplayed(message)
  }

  #writeCheckpoint(): void {
    const settled = this.#progress.settled
    if (settled === undefined) return
    const text = this.source.textOf(settled)
    const stream = checkpointStream(this.config)
    const { log } = this.#readers
    if (this.#checkpoint === undefined) {
      const events = [proposeMetadata('{"$maxCount":2}')]
      log.append({ stream: metadataStream(stream), expected: Expected.any, events }, () => undefined)
    }
    this.#checkpoint = text
    this.#checkpointedAt = this.#now()
    this.#progress.checkpointed()
    // If this write fails, so has the whole store; the group then resumes from the checkpoint before.
    const events = [ownEvent('$SubscriptionCheckpoint', JSON.stringify(text))]
    log.append({ stream, expected: Expected.any, events }, () => undefined)
  }
}

function checkpointText(record: EventRecord): string | undefined {
  const value: unknown = JSON.parse(record.body.data.toString('utf8'))
  return typeof value === 'string' ? value : undefined
}
