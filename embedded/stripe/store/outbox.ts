import { z } from 'zod'
import type { Table } from '../../lmdb/environment.ts'

export const tamperings = ['changed body', 'other secret', 'old signature', 'no signature'] as const
export type Tampering = (typeof tamperings)[number]

/** An event that is to be posted. */
const Delivery = z.object({
  event: z.string(),
  /** How often it was tried without success. */
  failures: z.int(),
  /** Beside the true delivery, one more: it doesn't matter what becomes of it. */
  copy: z.boolean().default(false),
  tampering: z.enum(tamperings).optional(),
})
export type Delivery = z.infer<typeof Delivery>

export interface Waiting {
  /** Its place; opaque. */
  readonly key: string
  /** When it is due, in milliseconds. */
  readonly due: number
  readonly delivery: Delivery
}

const digits = 16
const pad = (value: number): string => String(value).padStart(digits, '0')
const text = (value: string): Buffer => Buffer.from(value)
const SLICE = 500

/** What has still to be posted, in the order in which it falls due, on disk. All but reading only in a write. */
export class Outbox {
  readonly #table: Table
  readonly #next: () => number

  constructor(table: Table, next: () => number) {
    this.#table = table
    this.#next = next
  }

  /** Among those that are due at the same time the first goes first, or the last if it is `reversed`. */
  add(delivery: Delivery, due: number, reversed = false): void {
    const order = this.#next()
    const key = `due/${pad(due)}/${pad(reversed ? Number.MAX_SAFE_INTEGER - order : order)}`
    this.#table.putSync(text(key), text(JSON.stringify(delivery)))
  }

  withhold(delivery: Delivery): void {
    this.#table.putSync(text(`held/${pad(this.#next())}`), text(JSON.stringify(delivery)))
  }

  remove(key: string): void {
    this.#table.removeSync(text(key))
  }

  /** Lets go the next of what is withheld; returns how many. */
  release(due: number): number {
    const held = Array.from(
      this.#table.getRange({ start: text('held/'), end: text('held/~'), limit: SLICE }),
      ({ key, value }) => ({
        key: key.toString(),
        delivery: Delivery.parse(JSON.parse(value.toString())),
      }),
    )
    for (const { key, delivery } of held) {
      this.remove(key)
      this.add(delivery, due)
    }
    return held.length
  }

  /** Those that fall due first. */
  first(limit: number): Waiting[] {
    return Array.from(
      this.#table.getRange({ start: text('due/'), end: text('due/~'), limit }),
      ({ key, value }) => {
        const place = key.toString()
        return {
          key: place,
          due: Number(place.split('/')[1]),
          delivery: Delivery.parse(JSON.parse(value.toString())),
        }
      },
    )
  }

  count(which: 'due' | 'held'): number {
    return this.#table.getCount({ start: text(`${which}/`), end: text(`${which}/~`) })
  }
}
