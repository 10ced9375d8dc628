import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { DamagedStore, type Files, type StoreFile } from '../files/store-file.ts'

/** A segment begins with this much about itself, which counts in positions like everything else in it. */
export const segmentHeaderSize = 64
const magic = Buffer.from('esdb log seg 1\n\0')
const idSize = 16
const suffix = '.segment'
const unfinishedSuffix = '.new'

interface Segment {
  readonly start: number
  readonly file: StoreFile
}

/**
 * The log as a row of files, each named by the position that it starts at. Position and byte are one: what is
 * at position p is in the last segment that starts at or before p, p minus that start bytes in.
 */
export class Segments {
  readonly #files: Files
  readonly #segmentBytes: number
  readonly #segments: Segment[] = []
  /** Tells this log from any other: the index has it too. */
  #databaseId: Buffer = Buffer.alloc(0)
  #plannedStart = 0

  private constructor(files: Files, segmentBytes: number) {
    this.#files = files
    this.#segmentBytes = segmentBytes
  }

  static async open(files: Files, { segmentBytes }: { segmentBytes: number }): Promise<Segments> {
    const segments = new Segments(files, segmentBytes)
    const all = await files.names()
    for (const name of all) if (name.endsWith(unfinishedSuffix)) await files.remove(name)
    const names = all.filter((name) => name.endsWith(suffix)).sort()
    for (const name of names) await segments.#take(name)
    if (names.length === 0) {
      segments.#databaseId = randomBytes(idSize)
      await segments.#begin(0)
    }
    segments.#plannedStart = segments.last.start
    return segments
  }

  get databaseId(): Buffer {
    return this.#databaseId
  }

  /** Where the next byte will be written. */
  get end(): number {
    return endOf(this.last)
  }

  get last(): Segment {
    const last = this.#segments.at(-1)
    if (last === undefined) throw new Error('A log has at least one segment.')
    return last
  }

  /** Where a commit goes that follows on one that ends at `end`: sometimes behind the header of a new segment. */
  plan(end: number): number {
    if (end - this.#plannedStart < this.#segmentBytes) return end
    this.#plannedStart = end
    return end + segmentHeaderSize
  }

  /** Writes a commit where it was planned to go. Resolves when it is on disk. */
  async append(start: number, parts: readonly Buffer[]): Promise<void> {
    if (start !== this.end) await this.#begin(this.end)
    if (start !== this.end) throw new Error(`A commit for ${start} can't be written at ${this.end}.`)
    await this.last.file.append(parts)
  }

  /** Bytes from `position` on, no further than the end of its segment. */
  read(position: number, length: number): Buffer {
    const { file, start } = this.containing(position)
    return file.read(position - start, length)
  }

  /** The segment that has the byte at `position`, or after the end the last one. */
  containing(position: number): Segment {
    const segments = this.#segments
    let low = 0
    let high = segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((segments[middle]?.start ?? 0) <= position) low = middle
      else high = middle - 1
    }
    return segments[low] ?? this.last
  }

  /** An error that names the file and the byte at `position`. */
  damage(position: number, what: string): DamagedStore {
    const { file, start } = this.containing(position)
    return new DamagedStore(file.path, position - start, what)
  }

  /** Removes what a crash left half-written at the end. */
  async truncate(position: number): Promise<void> {
    const { file, start } = this.last
    await file.truncate(position - start)
  }

  async close(): Promise<void> {
    for (const { file } of this.#segments) await file.close()
  }

  async #begin(start: number): Promise<void> {
    // Under its name there is never a file without its header.
    const unfinished = await this.#files.create(nameOf(start) + unfinishedSuffix)
    await unfinished.append([encodeHeader(this.#databaseId, start)])
    await unfinished.close()
    await this.#files.rename(nameOf(start) + unfinishedSuffix, nameOf(start))
    this.#segments.push({ start, file: await this.#files.open(nameOf(start)) })
  }

  /** A segment starts where the one before it ends: what is missing in between is lost. */
  async #take(name: string): Promise<void> {
    const file = await this.#files.open(name)
    const header = file.read(0, segmentHeaderSize)
    const previous = this.#segments.at(-1)
    const expected = previous === undefined ? 0 : endOf(previous)
    const { id, start } = decodeHeader(file, header)
    if (previous === undefined) this.#databaseId = id
    else if (!id.equals(this.#databaseId)) throw new DamagedStore(file.path, 0, 'it belongs to another log')
    if (name !== nameOf(start)) throw new DamagedStore(file.path, 0, `it says that it starts at ${start}`)
    if (start !== expected) {
      throw new DamagedStore(file.path, 0, `the log before it ends at ${expected}, so that bytes are missing`)
    }
    this.#segments.push({ start, file })
  }
}

const endOf = ({ start, file }: Segment): number => start + file.size
const nameOf = (start: number): string => `${String(start).padStart(16, '0')}${suffix}`

function encodeHeader(id: Buffer, start: number): Buffer {
  const header = Buffer.alloc(segmentHeaderSize)
  magic.copy(header)
  id.copy(header, 16)
  header.writeUIntLE(start, 32, 6)
  header.writeUInt32LE(crc32(header.subarray(0, 60)), 60)
  return header
}

function decodeHeader(file: StoreFile, header: Buffer): { id: Buffer; start: number } {
  if (header.length < segmentHeaderSize)
    throw new DamagedStore(file.path, 0, 'it is too short for its header')
  if (!header.subarray(0, 16).equals(magic)) throw new DamagedStore(file.path, 0, 'it is no segment of a log')
  if (header.readUInt32LE(60) !== crc32(header.subarray(0, 60)))
    throw new DamagedStore(file.path, 0, 'the checksum of its header is wrong')
  return { id: Buffer.from(header.subarray(16, 32)), start: header.readUIntLE(32, 6) }
}
