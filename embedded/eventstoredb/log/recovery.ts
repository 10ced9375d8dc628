import { EventRecord, lengthPrefix } from './event-record.ts'
import type { Entry } from './group-commit.ts'
import type { Block, Store } from './store.ts'
import type { StreamHeads } from './stream-heads.ts'

/** The first record's position: no visible event may have position 0, which reads back as "start". */
export const logStart = 64

export interface Recovered {
  readonly end: number
  readonly lastPosition: number
  readonly unindexed: readonly Entry[]
}

/** Reads what the index lacks, at most some hundreds of records, back into the heads of their streams. */
export function recover(store: Store, heads: StreamHeads): Recovered {
  const unindexed: Entry[] = []
  let end = Math.max(store.indexedUpTo, logStart)
  for (let bytes = store.block(end); bytes !== undefined; bytes = store.block(end)) {
    for (const record of recordsOf({ start: end, bytes })) {
      const head = heads.get(record.stream)
      head.revision = record.revision
      head.committed = record.revision
      head.recent.push(record)
      heads.hold(head)
      heads.noteMetadata(record, { visible: false })
      heads.noteMetadata(record, { visible: true })
      unindexed.push({ record, head, block: end })
    }
    end += bytes.length
  }
  const last = store.blockAt(end)
  return { end, lastPosition: last === undefined ? 0 : (recordsOf(last).at(-1)?.position ?? 0), unindexed }
}

function recordsOf({ start, bytes }: Block): EventRecord[] {
  const records: EventRecord[] = []
  for (let offset = 0; offset < bytes.length;) {
    const end = offset + lengthPrefix + bytes.readUInt32LE(offset)
    const record = end <= bytes.length ? EventRecord.decode(bytes.subarray(offset, end)) : undefined
    if (record === undefined || record.position !== start + offset) {
      throw new Error(`The log is damaged at position ${start + offset}: its record doesn't say so itself.`)
    }
    records.push(record)
    offset = end
  }
  return records
}
