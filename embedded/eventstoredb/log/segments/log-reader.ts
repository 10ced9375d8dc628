import { EventRecord } from '../event-record.ts'
import { frameAt, frameBefore, headerSize, openingMarkBytes, type Frame } from './frames.ts'
import { segmentHeaderSize, type Segments } from './segments.ts'

const chunkBytes = 64 * 1024
/** One page of large events must not fill the memory. */
const maxPageBytes = 1024 * 1024
/** Most records are no longer than this, and are read at once. */
const usualRecord = 2048
/** Records this near to each other are read together. */
const nearBytes = 8 * 1024

/**
 * Reads records out of the segments and checks each of them: what isn't what was written is refused, never
 * handed on. Only what is durable may be asked for.
 */
export class LogReader {
  readonly #segments: Segments

  constructor(segments: Segments) {
    this.#segments = segments
  }

  record(position: number): EventRecord {
    return this.#recordIn(this.#segments.read(position, usualRecord), position)
  }

  /** Records at ascending positions. */
  records(positions: readonly number[]): EventRecord[] {
    const records: EventRecord[] = []
    let chunk: Buffer = Buffer.alloc(0)
    let start = 0
    for (const [index, position] of positions.entries()) {
      if (position + usualRecord > start + chunk.length) {
        start = position
        chunk = this.#segments.read(position, this.#spanFrom(positions, index))
      }
      records.push(this.#recordIn(chunk.subarray(position - start), position))
    }
    return records
  }

  /** Records from `position` (or the first one after it) up to `end`. */
  forward(position: number, end: number, limit: number): EventRecord[] {
    const records: EventRecord[] = []
    const first = this.#boundaries(position).after
    let at = first
    while (at < end && records.length < limit && at - first < maxPageBytes) {
      const { start, file } = this.#segments.containing(at)
      if (at === start) at += segmentHeaderSize
      const chunk = file.read(at - start, Math.min(chunkBytes, end - at))
      const base = at
      while (at < end && records.length < limit) {
        const frame = frameAt(chunk, at - base, at)
        if (frame.kind === 'cut' && at > base) break
        const whole = frame.kind === 'cut' ? this.#frame(at, chunk) : frame
        if (whole.kind === 'record') records.push(this.#decode(whole, at))
        at += this.#sizeOf(whole, at)
        if (at - base >= chunk.length) break
      }
    }
    return records
  }

  /** Records that end at or before `position`, newest first. */
  backward(position: number, limit: number): EventRecord[] {
    const records: EventRecord[] = []
    let at = this.#boundaries(position).before
    while (at > segmentHeaderSize && records.length < limit) {
      const { start, file } = this.#segments.containing(at - 1)
      if (at - start <= segmentHeaderSize) {
        at = start
        continue
      }
      const from = Math.max(start + segmentHeaderSize, at - chunkBytes)
      const chunk = file.read(from - start, at - from)
      const base = at
      while (at > from && records.length < limit) {
        const frame = frameBefore(chunk, at - from, at)
        if (frame.kind === 'cut' && at < base) break
        const whole = frame.kind === 'cut' ? this.#frameOfSize(frame.size, at) : frame
        const size = this.#sizeOf(whole, at)
        at -= size
        if (whole.kind === 'record') records.push(this.#decode(whole, at))
      }
    }
    return records
  }

  startsAt(position: number): boolean {
    return this.#recordStartsAt(position)
  }

  #recordIn(bytes: Buffer, position: number): EventRecord {
    const frame = this.#frame(position, bytes)
    if (frame.kind === 'record') return this.#decode(frame, position)
    throw this.#segments.damage(position, frame.kind === 'damaged' ? frame.what : 'there is no record')
  }

  /** The frame at a position, of which the first bytes are at hand. */
  #frame(position: number, bytes: Buffer): Frame {
    const frame = frameAt(bytes, 0, position)
    if (frame.kind !== 'cut') return frame
    const more = this.#segments.read(position, frame.size)
    return more.length < frame.size
      ? { kind: 'damaged', what: 'the file ends within a record' }
      : frameAt(more, 0, position)
  }

  #frameOfSize(size: number, end: number): Frame {
    const { start } = this.#segments.containing(end - 1)
    if (end - size < start + segmentHeaderSize)
      return { kind: 'damaged', what: 'a frame is longer than what is before it' }
    return frameBefore(this.#segments.read(end - size, size), size, end)
  }

  #decode({ framed }: Extract<Frame, { kind: 'record' }>, position: number): EventRecord {
    const record = EventRecord.decode(framed)
    if (record.position === position) return record
    throw this.#segments.damage(position, `a record says that it belongs to ${record.position}`)
  }

  #sizeOf(frame: Frame, position: number): number {
    if (frame.kind === 'damaged') throw this.#segments.damage(position, frame.what)
    return frame.size
  }

  #spanFrom(positions: readonly number[], index: number): number {
    const first = positions[index] ?? 0
    let last = first
    for (let next = index + 1; next < positions.length; next += 1) {
      const position = positions[next] ?? 0
      if (position - last > nearBytes || position - first > chunkBytes) break
      last = position
    }
    return last - first + usualRecord
  }

  #recordStartsAt(position: number): boolean {
    const { start, file } = this.#segments.containing(position)
    if (position - start < segmentHeaderSize || position - start >= file.size) return false
    const frame = this.#frame(position, this.#segments.read(position, usualRecord))
    return frame.kind === 'record' && EventRecord.decode(frame.framed).position === position
  }

  /** The frames' boundaries around a position; both are the position itself if it is one. */
  #boundaries(position: number): { before: number; after: number } {
    const { start, file } = this.#segments.containing(position)
    const offset = position - start
    const here = { before: position, after: position }
    if (offset === 0 || offset === segmentHeaderSize || offset >= file.size) return here
    if (offset < segmentHeaderSize) return { before: start, after: start + segmentHeaderSize }
    const frame = frameAt(this.#segments.read(position, headerSize), 0, position)
    if (frame.kind === 'header' || this.#recordStartsAt(position)) return here
    return this.#walkTo(position)
  }

  /** From the nearest block header before it, as only headers can be found from just anywhere. */
  #walkTo(position: number): { before: number; after: number } {
    let before = this.#headerBefore(position)
    for (;;) {
      const after =
        before + this.#sizeOf(this.#frame(before, this.#segments.read(before, usualRecord)), before)
      if (after === position) return { before: after, after }
      if (after > position) return { before, after }
      before = after
    }
  }

  #headerBefore(position: number): number {
    const { start, file } = this.#segments.containing(position)
    const first = start + segmentHeaderSize
    for (let end = position + headerSize; end > first;) {
      const from = Math.max(first, end - chunkBytes)
      const chunk = file.read(from - start, end - from)
      for (let at = chunk.lastIndexOf(openingMarkBytes); at !== -1; at = lastMarkBefore(chunk, at)) {
        if (from + at < position && frameAt(chunk, at, from + at).kind === 'header') return from + at
      }
      if (from === first) break
      // Chunks overlap by a header, so that none is missed for being cut.
      end = from + headerSize
    }
    throw this.#segments.damage(first, 'it does not begin with a block')
  }
}

const lastMarkBefore = (chunk: Buffer, at: number): number =>
  at === 0 ? -1 : chunk.lastIndexOf(openingMarkBytes, at - 1)
