import type { Report } from '../report.ts'
import type { EventRecord } from './event-record.ts'
import type { Files } from './files/store-file.ts'
import type { Entry } from './fresh-records.ts'
import { StreamIndex } from './index/stream-index.ts'
import { Indexer } from './indexer.ts'
import { LogReader } from './segments/log-reader.ts'
import { readCommits } from './segments/read-commits.ts'
import { Segments, segmentHeaderSize } from './segments/segments.ts'
import { StreamHeads } from './stream-heads.ts'

/** No visible event may have position 0, which reads back as "start": the header of the first segment sees to it. */
export const logStart = segmentHeaderSize

export interface LogParts {
  readonly segments: Segments
  readonly index: StreamIndex
  readonly reader: LogReader
  readonly heads: StreamHeads
  readonly indexer: Indexer
  readonly lastPosition: number
}

interface OpenOptions {
  readonly segmentBytes: number
  readonly report: Report
}

/**
 * Opens the files, and reads what the index lacks back into the heads of their streams: some thousands of records
 * at most, unless the index has to be made anew.
 */
export async function openLog(files: Files, { segmentBytes, report }: OpenOptions): Promise<LogParts> {
  const segments = await Segments.open(await files.folder('log'), { segmentBytes })
  const index = await StreamIndex.open(await files.folder('index'), {
    databaseId: segments.databaseId,
    logStart,
    onDiscarded: (path) => report(`${path} is no use any more; what it covered is indexed again.`),
  })
  if (index.indexedUpTo > segments.end) {
    throw segments.damage(
      segments.end,
      `the log ends here, but its index knows of records up to ${index.indexedUpTo}`,
    )
  }
  const reader = new LogReader(segments)
  const heads = new StreamHeads(index, reader)
  const indexer = new Indexer(index, heads)
  const end = await readCommits(segments, index.indexedUpTo, async (records) => {
    indexer.add(records.map((record) => restore(record, heads, indexer)))
    await indexer.idle()
  })
  if (end < segments.end) {
    report(
      `${segments.last.file.path}: an append that was never finished is dropped, ${segments.end - end} bytes at the end.`,
    )
    await segments.truncate(end)
  }
  const [last] = reader.backward(segments.end, 1)
  return { segments, index, reader, heads, indexer, lastPosition: last?.position ?? 0 }
}

function restore(record: EventRecord, heads: StreamHeads, indexer: Indexer): Entry {
  const head = heads.get(record.stream)
  const entry: Entry = { record, head, hasKnownId: true }
  head.revision = record.revision
  head.committed = record.revision
  head.remember(record)
  heads.hold(head)
  indexer.fresh.note(record.id, entry)
  heads.noteMetadata(record, { visible: false })
  heads.noteMetadata(record, { visible: true })
  return entry
}
