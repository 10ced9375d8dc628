import { mkdirSync } from 'node:fs'
import { z } from 'zod'
import { Environment } from '../../lmdb/environment.ts'
import type { Table } from '../../lmdb/environment.ts'
import { GroupCommit } from '../../lmdb/group-commit.ts'
import { lockDirectory } from '../../lmdb/lock.ts'
import { Record } from '../books/records.ts'
import type { ObjectType, RecordOf } from '../books/records.ts'
import { Answers } from './answers.ts'
import { Outbox } from './outbox.ts'

const Stored = z.object({ seq: z.int(), record: Record })

/** Which part of a list is asked for; it begins with the newest. */
export interface Page {
  readonly limit: number
  /** Ids of the list: what comes after one (is older), or before one. */
  readonly after?: string | undefined
  readonly before?: string | undefined
}

const key = (text: string): Buffer => Buffer.from(text)
export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
const digits = 16
/** A list of a part of a kind is named `<kind>:<part>`, so that no list lies within another. */
const place = (list: string, seq: number): Buffer => key(`${list}/${String(seq).padStart(digits, '0')}`)
const last = (list: string): Buffer => key(`${list}/~`)

/** All that the processor knows, on disk: what a write has answered is there after any crash. */
export class Ledger {
  readonly answers: Answers
  readonly outbox: Outbox
  readonly #environment: Environment
  readonly #commit: GroupCommit
  readonly #records: Table
  readonly #lists: Table
  readonly #counters: Table
  readonly #unlock: () => void

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true })
    this.#unlock = lockDirectory(directory)
    try {
      this.#environment = new Environment(directory)
      this.#records = this.#environment.table('records')
      this.#lists = this.#environment.table('lists')
      this.#counters = this.#environment.table('counters')
      this.answers = new Answers(this.#environment.table('answers'))
      this.outbox = new Outbox(this.#environment.table('outbox'), () => this.next('outbox'))
    } catch (error) {
      this.#unlock()
      throw error
    }
    // Nothing is kept in memory that a transaction that was undone would have to be taken back from.
    this.#commit = new GroupCommit(this.#environment, () => undefined)
  }

  /** Decides after all earlier writes; resolves when what was decided is on disk. */
  write<T>(decide: () => T): Promise<T> {
    return this.#commit.run({ decide, writes: 4 })
  }

  /** Only in a write. `lists` are those that it is found in, beside that of its kind. */
  put(record: Record, lists: readonly string[] = []): void {
    const before = this.#stored(record.id)
    const seq = before?.seq ?? this.next('records')
    this.#records.putSync(key(record.id), json({ seq, record }))
    if (before) return
    for (const list of [record.object, ...lists]) this.#lists.putSync(place(list, seq), key(record.id))
  }

  get<O extends ObjectType>(object: O, id: string): RecordOf<O> | undefined {
    const record = this.#stored(id)?.record
    return record && isOf(object, record) ? record : undefined
  }

  find(id: string): Record | undefined {
    return this.#stored(id)?.record
  }

  /** Newest first; one more than the limit, if there are more. */
  list<O extends ObjectType>(object: O, list: string, { limit, after, before }: Page): RecordOf<O>[] {
    const [afterSeq, beforeSeq] = [after, before].map((id) =>
      id === undefined ? undefined : this.#stored(id)?.seq,
    )
    const newestFirst = before === undefined
    const range = newestFirst
      ? { start: afterSeq === undefined ? last(list) : place(list, afterSeq - 1), end: key(`${list}/`) }
      : { start: place(list, (beforeSeq ?? 0) + 1), end: last(list) }
    const found = Array.from(
      this.#lists.getRange({ ...range, reverse: newestFirst, limit: limit + 1 }),
      ({ value }) => this.get(object, value.toString()),
    ).filter((record) => record !== undefined)
    return newestFirst ? found : found.toReversed()
  }

  /** Only in a write. */
  next(counter: string): number {
    const value = Number(this.#counters.get(key(counter))?.toString() ?? 0) + 1
    this.#counters.putSync(key(counter), key(String(value)))
    return value
  }

  async close(): Promise<void> {
    await this.#commit.idle()
    await this.#environment.close()
    this.#unlock()
  }

  #stored(id: string): z.infer<typeof Stored> | undefined {
    // Keys of LMDB are bounded, and no id is as long.
    const found = id.length > 100 ? undefined : this.#records.get(key(id))
    return found && Stored.parse(JSON.parse(found.toString()))
  }
}

const isOf = <O extends ObjectType>(object: O, record: Record): record is RecordOf<O> =>
  record.object === object
