import type { EventRecord } from '../log/event-record.ts'
import { Checkpoints, checkpointText } from './checkpoints.ts'
import type { GroupClient, Parting } from './client.ts'
import { ConsumerGroup, type NackAction } from './consumer-group.ts'
import { Feed } from './feed.ts'
import { ParkedMessages } from './parked-messages.ts'
import { Progress } from './progress.ts'
import { Rate } from './rate.ts'
import { checkpointStream, groupKey, type GroupConfig } from './settings.ts'
import { createSource, firstSequence, resolve, type Readers, type Source } from './source.ts'
import { createStrategy } from './strategy.ts'

/** What a group needs of its surroundings. */
export interface Surroundings {
  readonly readers: Readers
  readonly now: () => number
  /** Says what has gone wrong to those who run the node. */
  readonly report: (text: string) => void
  /** Asks for a turn to read on. */
  readonly askForTurn: () => void
  readonly hasAskedForTurn: () => boolean
}

/**
 * A group at work: feeds the rules from the log and writes down what they decide. What it throws means that the
 * log can't be read, and that it is at an end.
 */
export class RunningGroup {
  readonly #config: GroupConfig
  readonly consumers: ConsumerGroup
  readonly parked: ParkedMessages
  readonly #surroundings: Surroundings
  readonly #source: Source
  readonly #progress = new Progress()
  readonly #checkpoints: Checkpoints
  readonly #feed: Feed
  /** What doesn't work at the moment, and why. */
  readonly #troubles = new Map<'checkpoint' | 'parking' | 'replay', string>()
  #stopped = false

  /** Throws if the log doesn't say where the group is. */
  constructor(surroundings: Surroundings, config: GroupConfig) {
    const { readers, now } = surroundings
    const { settings } = config
    const strategy = createStrategy(settings.strategy)
    if (strategy === undefined) throw new Error(`Unknown consumer strategy ${settings.strategy}.`)
    this.#config = config
    this.#surroundings = surroundings
    this.#source = createSource(readers, config)
    this.parked = new ParkedMessages(readers, config, (error) => {
      this.#note('replay', error)
      this.#wake()
    })
    this.consumers = new ConsumerGroup(settings, strategy, new Rate(now()), {
      park: (message, reason, kept) => {
        this.parked.park(message, reason, new Date(now()), (error) => {
          this.#note('parking', error)
          kept(error)
        })
      },
      onProgress: () => this.#progressed(),
    })
    const record = readers.streams.last(checkpointStream(config))
    const last = record === undefined ? undefined : checkpointText(record)
    this.#checkpoints = new Checkpoints({
      log: readers.log,
      config,
      progress: this.#progress,
      last,
      textOf: (sequence) => this.#source.textOf(sequence),
      now: now(),
      onWritten: (error) => this.#note('checkpoint', error),
    })
    this.#feed = new Feed(this.#source, settings, this.#start(last), {
      room: () => settings.historyBufferSize - this.consumers.waitingCount,
      take: (event, sequence) => this.#take(event, sequence),
      pass: (sequence, weight) => this.#progress.pass(sequence, weight),
    })
    this.#wake()
  }

  get checkpoint(): string {
    return this.#checkpoints.last ?? ''
  }

  /** The last event that the group has heard of, or was at when it started. */
  get lastKnown(): string {
    const { known } = this.#feed
    return known === undefined ? this.checkpoint : this.#source.textOf(known)
  }

  get liveBufferCount(): number {
    return this.#feed.liveBufferCount
  }

  get status(): string {
    const { live } = this.#feed
    const flags = [
      ...(live ? [] : ['Behind']),
      ...(!live && this.#surroundings.hasAskedForTurn() ? ['OutstandingPageRequest'] : []),
      ...(this.parked.replaying ? ['ReplayingParkedMessages'] : []),
      ...(live ? ['Live'] : []),
    ]
    return [...flags, ...this.#troubles.values()].join(', ')
  }

  join(client: GroupClient): void {
    this.consumers.join(client, this.#surroundings.now())
    this.#wake()
  }

  leave(client: GroupClient): void {
    this.consumers.leave(client, this.#surroundings.now())
    this.#wake()
  }

  ack(client: GroupClient, ids: readonly string[]): void {
    this.consumers.ack(client, ids, this.#surroundings.now())
  }

  nack(client: GroupClient, ids: readonly string[], action: NackAction, reason: string): void {
    this.consumers.nack(client, ids, action, reason, this.#surroundings.now())
  }

  /** A client that was slow takes more again. */
  resume(): void {
    this.dispatch()
    this.#wake()
  }

  replayParked(stopAt: number | undefined): void {
    this.parked.replay(stopAt)
    this.#wake()
  }

  /** An event of the source has been committed; `dispatch` follows after the last of a commit. */
  offer(record: EventRecord): void {
    this.#feed.offer(record)
  }

  dispatch(): void {
    this.consumers.dispatch(this.#surroundings.now())
    this.#checkpoints.progressed()
  }

  /** One page, of history or of what is replayed. */
  turn(): boolean {
    const more = this.#feed.catchUp()
    const room = this.#config.settings.historyBufferSize - this.consumers.waitingCount
    for (const message of this.parked.nextToReplay(room)) this.consumers.enqueueReplayed(message)
    this.parked.progressed()
    this.dispatch()
    return more || this.#hungry
  }

  /** Once a second: what has taken too long, what failed, and the checkpoint that only time brings about. */
  tick(): void {
    const now = this.#surroundings.now()
    this.consumers.tick(now)
    this.parked.tick()
    this.#checkpoints.tick(now)
    this.#wake()
  }

  /** For good: nothing is written any more, and all clients are sent away. */
  stop(parting: Parting): void {
    this.#stopped = true
    this.#checkpoints.stop()
    this.consumers.part(parting)
  }

  #start(checkpoint: string | undefined): { next: number; live: boolean } {
    const { startFrom } = this.#config.settings
    if (checkpoint === undefined) {
      return { next: firstSequence(this.#source, startFrom), live: startFrom === 'end' }
    }
    const sequence = this.#source.numberOf(checkpoint)
    if (sequence === undefined) throw new Error(`The checkpoint ${checkpoint} is no position.`)
    return { next: sequence + 1, live: false }
  }

  #take(record: EventRecord, sequence: number): void {
    const { readers } = this.#surroundings
    const { event, link } = resolve(readers.streams, record, this.#config.settings.resolveLinks)
    const step = this.#progress.begin(sequence)
    const { id } = record
    this.consumers.enqueue({ id, sequence, event, link, retryCount: 0, step, bucket: undefined })
  }

  #progressed(): void {
    if (this.#stopped) return
    this.#checkpoints.progressed()
    this.parked.progressed()
    this.#wake()
  }

  /** Whether there is something to read, from the source or of what is parked, and room for it. */
  get #hungry(): boolean {
    if (this.#feed.wantsPage) return true
    return this.parked.wantsRoom && this.consumers.waitingCount < this.#config.settings.historyBufferSize
  }

  #wake(): void {
    if (!this.#stopped && this.#hungry) this.#surroundings.askForTurn()
  }

  /** Trouble is reported once, not with every try. */
  #note(what: 'checkpoint' | 'parking' | 'replay', error: Error | undefined): void {
    const known = this.#troubles.get(what)
    if (error === undefined) this.#troubles.delete(what)
    else this.#troubles.set(what, error.message)
    if (error === undefined || known === error.message) return
    this.#surroundings.report(`Consumer group ${groupKey(this.#config)}: ${error.message}`)
  }
}
