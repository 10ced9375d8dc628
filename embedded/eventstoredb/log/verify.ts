import { setImmediate as nextTurn } from 'node:timers/promises'

import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { EventLog } from './event-log.ts'
import type { EventRecord } from './event-record.ts'

const pageRecords = 1024

export interface Verified {
  readonly events: number
  /** In words, each about one event; empty if all is as it should be. */
  readonly findings: readonly string[]
}

/**
 * Reads all of a log, checksums included, and asks the index for each of its events. Rejects with DamagedStore
 * where the log itself can't be read.
 */
export async function verify(log: EventLog, maxFindings = 20): Promise<Verified> {
  const findings: string[] = []
  let events = 0
  for (let position = 0; position < log.visibleEnd && findings.length < maxFindings; await nextTurn()) {
    const page = log.reader.forward(position, log.visibleEnd, pageRecords)
    for (const record of page) {
      events += 1
      const finding = flawOf(log, record)
      if (finding !== undefined && findings.length < maxFindings) findings.push(finding)
    }
    position = page.at(-1)?.next ?? log.visibleEnd
  }
  return { events, findings }
}

function flawOf(log: EventLog, record: EventRecord): string | undefined {
  const { stream, revision, position, id } = record
  const event = `${revision}@${stream} at position ${position}`
  const head = log.heads.get(stream)
  const [found] = log.range(head, revision, revision)
  if (found?.position !== position)
    return `${event} isn't what the index finds there: ${found?.position ?? 'nothing'}.`
  if (!mayBeOwn(record) && log.revisionOf(id, head) === undefined)
    return `${event} isn't found by its id ${id}.`
  const follows = revision > 0 && revision !== tombstoneRevision
  if (follows && log.range(head, revision - 1, revision - 1).length === 0)
    return `${event} has no event before it in its stream.`
  return undefined
}

/** What the node writes by itself, to system streams and at the end of a deleted one, isn't found by id. */
const mayBeOwn = ({ stream, revision }: EventRecord): boolean =>
  stream.startsWith('$') || revision === tombstoneRevision
