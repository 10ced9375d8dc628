import { setImmediate } from 'node:timers/promises'

import { tombstoneRevision } from '../../codec/recorded-event.ts'
import { isHidden } from '../../log/event-filter.ts'
import type { EventRecord } from '../../log/event-record.ts'
import type { StreamPage } from '../../log/stream-reader.ts'
import type { NodeContext } from '../../services/context.ts'

/** Records of one page, newest first, and whether there is nothing before them. */
export interface Page {
  readonly records: readonly EventRecord[]
  readonly atStart: boolean
  /** All that was asked for, so that it will never be more. */
  readonly full: boolean
}

export type PageResult =
  { readonly kind: 'missing' } | { readonly kind: 'deleted' } | ({ readonly kind: 'page' } & Page)

export interface PageRequest {
  readonly from: number | 'head'
  readonly direction: 'forward' | 'backward'
  readonly count: number
}

/** A page ends early when its events become too many bytes to hold at once. */
const maxBytes = 4 * 1024 * 1024
const stepLength = 64
const stepsPerTurn = 8

/** Takes records until the page is full; what isn't there any more takes others' time, so it is read in turns. */
class PageBuilder {
  readonly records: EventRecord[] = []
  readonly #count: number
  #bytes = 0
  #steps = 0

  constructor(count: number) {
    this.#count = count
  }

  get wanted(): number {
    return Math.min(stepLength, this.#count - this.records.length)
  }

  get full(): boolean {
    return this.records.length >= this.#count
  }

  get done(): boolean {
    return this.full || this.#bytes >= maxBytes
  }

  /** False if there is no more room for it. */
  add(record: EventRecord): boolean {
    if (this.done) return false
    this.records.push(record)
    this.#bytes += record.bytes.length
    return true
  }

  async turn(): Promise<void> {
    this.#steps += 1
    if (this.#steps % stepsPerTurn === 0) await setImmediate()
  }
}

export async function streamPage(
  { streams }: Pick<NodeContext, 'streams'>,
  stream: string,
  { from, direction, count }: PageRequest,
): Promise<PageResult> {
  const page = new PageBuilder(count)
  const backward = direction === 'backward'
  let next: number | undefined = from === 'head' ? tombstoneRevision : from
  let cut = false
  while (next !== undefined && !page.done) {
    const read: StreamPage = backward
      ? streams.backward(stream, next, page.wanted)
      : streams.forward(stream, next, page.wanted)
    if (read.kind !== 'events') return { kind: read.kind }
    cut = !read.records.every((record) => page.add(record))
    // Backwards, a step without events means that all before it are too old as well.
    next = backward && read.records.length === 0 ? undefined : read.next
    await page.turn()
  }
  const records = backward ? page.records : page.records.toReversed()
  const oldest = records.at(-1)
  const atStart = backward ? !cut && (next === undefined || oldest?.revision === 0) : from === 0
  return { kind: 'page', records, atStart, full: page.full }
}

/** Of the whole log. Forward from a position on, backward what ends at or before it. */
export async function allPage(
  { all }: Pick<NodeContext, 'all'>,
  { from, direction, count }: PageRequest,
): Promise<Page> {
  const page = new PageBuilder(count)
  const backward = direction === 'backward'
  let cursor = from === 'head' ? Number.MAX_SAFE_INTEGER : from
  let atEnd = false
  while (!atEnd && !page.done) {
    const read = backward ? all.backward(cursor, stepLength) : all.forward(cursor, stepLength)
    for (const record of read) {
      if (page.done) break
      cursor = backward ? record.position : record.next
      if (!isHidden(record)) page.add(record)
    }
    atEnd = read.length === 0
    await page.turn()
  }
  const records = backward ? page.records : page.records.toReversed()
  const atStart = backward ? atEnd || all.backward(cursor, 1).length === 0 : from === 0
  return { records, atStart, full: page.full }
}
