import { randomUUID } from 'node:crypto'

import {
  END,
  jsonEvent,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendResult,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client'
import { expect } from 'vitest'

import { streamsInRun, type Command, type Wish } from './model-commands.ts'
import { Model, type Expected, type ModelEvent, type Outcome, type Reading } from './model.ts'
import { endOfAll, newStream, noteOf, range } from './server.ts'

/** A server that a run may start anew, if it is one of our own. */
export interface Restartable {
  readonly client: EventStoreDBClient
  /** Resolves when it is there again; undefined if it can't be done. */
  readonly restart: (() => Promise<void>) | undefined
  readonly remembersIds: boolean
}

interface Sent {
  readonly stream: string
  readonly expected: Expected
  readonly events: readonly ModelEvent[]
}

type Told =
  | { readonly kind: 'written'; readonly revision: number; readonly position: bigint | undefined }
  | Exclude<Outcome, { kind: 'written' }>

/** Does the same to a server and to the model, and compares what both say. */
export class ModelRun {
  readonly #server: Restartable
  /** The last event in $all that is not of this run. */
  readonly #begin: Position
  readonly #model = new Model()
  readonly #streams = range(0, streamsInRun).map(() => newStream('model'))
  readonly #sent: Sent[] = []
  /** Where the events of the model are in $all, as far as an answer has said so. */
  readonly #positions = new Map<number, bigint>()
  #notes = 0

  private constructor(server: Restartable, begin: Position) {
    this.#server = server
    this.#begin = begin
  }

  static async start(server: Restartable): Promise<ModelRun> {
    return new ModelRun(server, await endOfAll(server.client))
  }

  async do(command: Command): Promise<void> {
    switch (command.kind) {
      case 'append':
        // Sent one after the other without waiting: what is under way counts.
        await Promise.all(
          command.writes.map(({ stream, expected, count }) => {
            const name = this.#name(stream)
            return this.#append({
              stream: name,
              expected: this.#expected(name, expected),
              events: this.#fresh(count),
            })
          }),
        )
        break
      case 'resend': {
        const earlier = this.#sent[command.earlier % Math.max(1, this.#sent.length)]
        if (earlier === undefined) break
        const kept = earlier.events.slice(command.drop, command.drop + command.keep)
        const stream = command.elsewhere ? this.#name(command.earlier) : earlier.stream
        const expected =
          command.expected === 'as before' ? earlier.expected : this.#expected(stream, command.expected)
        await this.#append({ stream, expected, events: [...kept, ...this.#fresh(command.fresh)] })
        break
      }
      case 'delete':
      case 'tombstone': {
        const name = this.#name(command.stream)
        const expected = this.#expected(name, command.expected)
        // To be deleted a stream can't be expected to exist: the client has no word for it.
        if (expected === 'stream_exists') break
        const outcome = this.#model[command.kind](name, expected)
        const options = { expectedRevision: typeof expected === 'number' ? BigInt(expected) : expected }
        const end = command.kind === 'delete' ? 'deleteStream' : 'tombstoneStream'
        const told = await toldOf(this.#server.client[end](name, options))
        this.#compare(told, outcome, { revision: false })
        break
      }
      case 'metadata': {
        const name = this.#name(command.stream)
        const { maxCount, truncate } = command
        const metadata = {
          ...(maxCount >= 0 ? { maxCount } : {}),
          ...(truncate >= 0 ? { truncateBefore: truncate } : {}),
        }
        const outcome = this.#model.setMetadata(name, metadata)
        const told = await toldOf(this.#server.client.setStreamMetadata(name, metadata))
        this.#compare(told, outcome, { revision: false })
        break
      }
      case 'read': {
        const name = this.#name(command.stream)
        const { direction, count } = command
        // There is nothing to read forwards from the end.
        const from = command.from === 'end' && direction === 'forwards' ? 0 : command.from
        const fromRevision = from === 'end' ? from : BigInt(from)
        const options = { direction, fromRevision, maxCount: count }
        expect(await readingOf(this.#server.client.readStream(name, options))).toEqual(
          this.#model.read(name, from, count, direction),
        )
        break
      }
      case 'read all':
        await this.#readAll(command.direction)
        break
      case 'restart':
        if (this.#server.restart === undefined) break
        await this.#server.restart()
        if (!this.#server.remembersIds) this.#model.forgetIds()
        break
    }
  }

  /** All streams in whole, and $all. */
  async finish(): Promise<void> {
    for (const name of this.#streams) {
      const read = this.#server.client.readStream(name)
      expect(await readingOf(read)).toEqual(this.#model.read(name, 0, Number.POSITIVE_INFINITY, 'forwards'))
    }
    await this.#readAll('forwards')
  }

  async #append(sent: Sent): Promise<void> {
    const { stream, expected, events } = sent
    this.#sent.push(sent)
    const outcome = this.#model.append(stream, expected, events)
    const told = await toldOf(
      this.#server.client.appendToStream(
        stream,
        events.map(({ id, note }) => jsonEvent({ id, type: 'Noted', data: { note } })),
        { expectedRevision: typeof expected === 'number' ? BigInt(expected) : expected },
      ),
    )
    this.#compare(told, outcome, { revision: true })
  }

  #compare(told: Told, outcome: Outcome, { revision }: { revision: boolean }): void {
    if (told.kind !== 'written' || outcome.kind !== 'written') {
      expect(told).toEqual(outcome)
      return
    }
    // Where there is no event the client says 0.
    if (revision) expect(told.revision).toBe(Math.max(0, outcome.revision))
    const { place } = outcome
    if (place === undefined || told.position === undefined) return
    expect(told.position).toBe(this.#positions.get(place) ?? told.position)
    this.#positions.set(place, told.position)
  }

  async #readAll(direction: 'forwards' | 'backwards'): Promise<void> {
    const found: { what: string; position: bigint }[] = []
    const fromPosition = direction === 'forwards' ? this.#begin : END
    const read = this.#server.client.readAll({ direction, fromPosition })
    for await (const resolved of read) {
      const { event } = resolved
      if (event?.position === undefined) continue
      // Going back, everything before this run is somebody else's.
      if (direction === 'backwards' && event.position.commit <= this.#begin.commit) break
      const owner = event.streamId.replace(/^\$\$/u, '')
      if (!this.#streams.includes(owner)) continue
      found.push({ what: `${event.streamId} ${noteOf(resolved)}`, position: event.position.commit })
    }
    await read.cancel()
    if (direction === 'backwards') found.reverse()
    expect(found.map(({ what }) => what)).toEqual(this.#model.all)
    for (const [place, position] of this.#positions) expect(found[place]?.position).toBe(position)
  }

  #fresh(count: number): ModelEvent[] {
    return range(0, count).map(() => {
      this.#notes += 1
      return { id: randomUUID(), note: String(this.#notes) }
    })
  }

  #expected(stream: string, wish: Wish): Expected {
    if (typeof wish === 'string') return wish
    const revision = this.#model.lastRevision(stream) + wish.fromLast
    return revision < 0 ? 'no_stream' : revision
  }

  #name(index: number): string {
    return this.#streams[index % this.#streams.length] ?? ''
  }
}

async function toldOf(
  writing: Promise<Pick<AppendResult, 'position'> & Partial<Pick<AppendResult, 'nextExpectedRevision'>>>,
): Promise<Told> {
  try {
    const { position, nextExpectedRevision } = await writing
    return { kind: 'written', revision: Number(nextExpectedRevision ?? 0), position: position?.commit }
  } catch (error) {
    if (error instanceof StreamDeletedError) return { kind: 'deleted' }
    if (!(error instanceof WrongExpectedVersionError)) throw error
    const { actualVersion } = error
    return { kind: 'wrong revision', actual: actualVersion === 'no_stream' ? -1 : Number(actualVersion) }
  }
}

async function readingOf(events: AsyncIterable<ResolvedEvent>): Promise<Reading> {
  const notes: string[] = []
  try {
    for await (const resolved of events) notes.push(noteOf(resolved))
    return notes
  } catch (error) {
    if (error instanceof StreamNotFoundError) return 'missing'
    if (error instanceof StreamDeletedError) return 'deleted'
    throw error
  }
}
