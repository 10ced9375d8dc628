import type { EventRecord } from '../log/event-record.ts'
import type { GroupClient, Parting } from './client.ts'
import type { NackAction } from './consumer-group.ts'
import { RunningGroup, type Surroundings } from './running-group.ts'
import { groupKey, type GroupConfig } from './settings.ts'
import type { Task, Turns } from './turns.ts'

export type GroupSurroundings = Pick<Surroundings, 'now' | 'readers' | 'report'> & { readonly turns: Turns }

/**
 * A group, at work or not: one whose events can't be read any more stands still, and says so to everyone who
 * asks, until it is updated or started anew. The others go on.
 */
export class Group implements Task {
  readonly config: GroupConfig
  readonly #surroundings: GroupSurroundings
  #running: RunningGroup | undefined
  #failure: string | undefined

  constructor(surroundings: GroupSurroundings, config: GroupConfig) {
    this.config = config
    this.#surroundings = surroundings
    const { turns } = surroundings
    try {
      this.#running = new RunningGroup(
        {
          ...surroundings,
          askForTurn: () => turns.add(this),
          hasAskedForTurn: () => turns.has(this),
        },
        config,
      )
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Undefined if it stands still. */
  get running(): RunningGroup | undefined {
    return this.#running
  }

  get failure(): string | undefined {
    return this.#failure
  }

  get status(): string {
    return this.#running?.status ?? ['NotReady', this.#failure ?? []].flat().join(', ')
  }

  get isFull(): boolean {
    return this.#running?.consumers.isFull ?? false
  }

  join(client: GroupClient): void {
    this.#work((running) => running.join(client))
  }

  leave(client: GroupClient): void {
    this.#work((running) => running.leave(client))
  }

  ack(client: GroupClient, ids: readonly string[]): void {
    this.#work((running) => running.ack(client, ids))
  }

  nack(client: GroupClient, ids: readonly string[], action: NackAction, reason: string): void {
    this.#work((running) => running.nack(client, ids, action, reason))
  }

  resume(): void {
    this.#work((running) => running.resume())
  }

  replayParked(stopAt: number | undefined): void {
    this.#work((running) => running.replayParked(stopAt))
  }

  offer(record: EventRecord): void {
    this.#work((running) => running.offer(record))
  }

  dispatch(): void {
    this.#work((running) => running.dispatch())
  }

  turn(): boolean {
    return this.#work((running) => running.turn()) ?? false
  }

  tick(): void {
    this.#work((running) => running.tick())
  }

  /** For good. */
  stop(parting: Parting): void {
    const running = this.#running
    this.#running = undefined
    this.#surroundings.turns.remove(this)
    running?.stop(parting)
  }

  #work<Result>(work: (running: RunningGroup) => Result): Result | undefined {
    if (this.#running === undefined) return undefined
    try {
      return work(this.#running)
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#failure = reason
    this.#surroundings.report(`Consumer group ${groupKey(this.config)} has stopped: ${reason}`)
    this.stop({ kind: 'failed', reason })
  }
}
