import { EventRecord } from '../event-record.ts'
import { frameAt, headerSize, openingMarkBytes, type BlockHeader } from './frames.ts'
import { segmentHeaderSize, type Segments } from './segments.ts'

interface Commit {
  readonly records: EventRecord[]
  readonly end: number
}

/**
 * Reads whole commits from a position on, where one begins, and returns where the last whole one ends. What comes
 * after that was cut off by a crash before anyone was told of it, and says so by being the last. A commit that
 * isn't whole with others behind it was acknowledged once: that is damage, and thrown.
 */
export async function readCommits(
  segments: Segments,
  from: number,
  onCommit: (records: readonly EventRecord[]) => Promise<void>,
): Promise<number> {
  let position = from
  while (position < segments.end) {
    const { start } = segments.containing(position)
    const begin = position === start ? position + segmentHeaderSize : position
    if (begin >= segments.end) return position
    const commit = readCommit(segments, begin)
    if (typeof commit === 'string') {
      if (commitFollows(segments, begin)) throw segments.damage(begin, commit)
      return position
    }
    await onCommit(commit.records)
    position = commit.end
  }
  return position
}

/** The commit that begins at a position, or what is wrong with it. */
function readCommit(segments: Segments, begin: number): Commit | string {
  const records: EventRecord[] = []
  for (let position = begin; ;) {
    const header = readHeader(segments, position)
    if (typeof header === 'string') return header
    if (header.first !== (position === begin)) return 'a commit does not begin where the one before it ends'
    const start = position + headerSize
    const bytes = segments.read(start, header.length)
    if (bytes.length < header.length) return 'the file ends within a commit'
    const flaw = readRecords(bytes, start, records)
    if (flaw !== undefined) return flaw
    position = start + header.length
    if (header.last) return { records, end: position }
  }
}

function readHeader(segments: Segments, position: number): BlockHeader | string {
  const frame = frameAt(segments.read(position, headerSize), 0, position)
  if (frame.kind === 'header') return frame.header
  return frame.kind === 'damaged' ? frame.what : 'there is no block header'
}

function readRecords(block: Buffer, start: number, records: EventRecord[]): string | undefined {
  for (let offset = 0; offset < block.length;) {
    const frame = frameAt(block, offset, start + offset)
    if (frame.kind !== 'record') return frame.kind === 'damaged' ? frame.what : 'a record is cut off'
    const record = EventRecord.decode(frame.framed)
    if (record.position !== start + offset) return `a record says that it belongs to ${record.position}`
    records.push(record)
    offset += frame.size
  }
  return undefined
}

const chunkBytes = 1024 * 1024

/** Is there the first block of a commit anywhere behind a position? */
function commitFollows(segments: Segments, position: number): boolean {
  if (segments.last.start > position) return true
  for (let at = position + 1; at < segments.end;) {
    const chunk = segments.read(at, chunkBytes)
    for (
      let mark = chunk.indexOf(openingMarkBytes);
      mark !== -1;
      mark = chunk.indexOf(openingMarkBytes, mark + 1)
    ) {
      const frame = frameAt(segments.read(at + mark, headerSize), 0, at + mark)
      if (frame.kind === 'header' && frame.header.first) return true
    }
    // Chunks overlap, so that no mark is missed for being cut.
    at += Math.max(1, chunk.length - openingMarkBytes.length + 1)
  }
  return false
}
