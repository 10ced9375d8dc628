import { tombstoneRevision } from '../../codec/recorded-event.ts'
import type { Files } from '../files/store-file.ts'
import {
  entrySize,
  idKey,
  positionOf,
  readKey,
  revisionKey,
  sortEntries,
  subOf,
  type EntryKey,
  type StreamKey,
} from './entry.ts'
import { entriesOf, mergeInto } from './merge.ts'
import { PageCache } from './page-cache.ts'
import { Run } from './run.ts'
import { RunWriter } from './run-writer.ts'

const suffix = '.run'
const unfinishedSuffix = '.new'
/** So many runs of about one size become one. */
const runsPerMerge = 4
/** A search looks at each run's filter. */
const maxRuns = 20

/** What the index covers, and how it came to be: what isn't there any more will be read from the log again. */
export interface IndexOptions {
  readonly databaseId: Buffer
  readonly logStart: number
  /** Told of files that are no use any more, for a person to know. */
  readonly onDiscarded: (path: string) => void
}

/**
 * Finds records by stream and revision, and by stream and event id. Log-structured: the newest entries are written
 * as a sorted run of their own, and runs are merged as they get many. All of it can be had from the log again, so
 * a run that isn't whole is thrown away.
 */
export class StreamIndex {
  readonly #files: Files
  readonly #databaseId: Buffer
  readonly #cache = new PageCache()
  /** Oldest first; each begins in the log where the one before it ends. */
  #runs: Run[] = []
  #indexedUpTo: number
  #merging: Promise<void> | undefined
  #failure: Error | undefined

  private constructor(files: Files, { databaseId, logStart }: IndexOptions) {
    this.#files = files
    this.#databaseId = databaseId
    this.#indexedUpTo = logStart
  }

  static async open(files: Files, options: IndexOptions): Promise<StreamIndex> {
    const index = new StreamIndex(files, options)
    const names = await files.names()
    for (const name of names) if (name.endsWith(unfinishedSuffix)) await files.remove(name)
    await index.#choose(
      names.filter((name) => name.endsWith(suffix)),
      options,
    )
    return index
  }

  /** The log's position up to which its records are in the index. */
  get indexedUpTo(): number {
    return this.#indexedUpTo
  }

  /** -1 if the stream isn't in the index. */
  lastRevision(stream: StreamKey): number {
    const key = revisionKey(stream, tombstoneRevision)
    for (const run of this.#runs.toReversed()) {
      if (!run.mayHave(key)) continue
      const entry = run.lowerBound({ ...key, sub: tombstoneRevision + 1 }) - 1
      const found = entry < 0 ? undefined : run.visit(entry, readKey)
      if (found !== undefined && isOf(found, key)) return found.sub
    }
    return -1
  }

  /** Positions of a stream's records from one revision to another, both included. */
  locate(stream: StreamKey, from: number, to: number): number[] {
    const key = revisionKey(stream, from)
    const positions: number[] = []
    for (const run of this.#runs) {
      if (!run.mayHave(key)) continue
      for (const position of positionsFrom(run, key, (sub) => sub <= to)) positions.push(position)
      if (positions.length > to - from) break
    }
    return positions
  }

  /** Positions of records of a stream that may have this event id; the record itself knows. */
  candidates(stream: StreamKey, id: string): number[] {
    const key = idKey(stream, id)
    const positions: number[] = []
    for (const run of this.#runs) {
      if (run.mayHave(key))
        for (const position of positionsFrom(run, key, (sub) => sub === key.sub)) positions.push(position)
    }
    return positions
  }

  /** Takes in the entries of the records from `indexedUpTo` to `to`. Resolves when they are on disk and found. */
  async add(entries: Buffer, to: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    const sorted = sortEntries(entries)
    const run = await this.#write(this.#indexedUpTo, to, entries.length / entrySize, async (writer) => {
      for (let offset = 0; offset < sorted.length; offset += entrySize)
        if (writer.add(sorted, offset)) await writer.flush()
    })
    this.#runs.push(run)
    this.#indexedUpTo = to
    if (this.#merging === undefined && this.#nextToMerge() !== undefined) this.#merging = this.#merge()
  }

  async close(): Promise<void> {
    await this.#merging
    for (const run of this.#runs) await run.close()
  }

  /** In the background: what goes wrong here is the business of who adds next. */
  async #merge(): Promise<void> {
    try {
      for (let few = this.#nextToMerge(); few !== undefined; few = this.#nextToMerge()) {
        const runs = few
        const [first, last] = [runs[0], runs.at(-1)]
        if (first === undefined || last === undefined) return
        const merged = await this.#write(first.facts.from, last.facts.to, entriesOf(runs), (writer) =>
          mergeInto(writer, runs),
        )
        const at = this.#runs.indexOf(first)
        this.#runs = this.#runs.toSpliced(at, runs.length, merged)
        for (const run of runs) {
          await run.close()
          await this.#files.remove(run.name)
        }
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
    } finally {
      this.#merging = undefined
    }
  }

  /** Neighbours of about one size, the newest first; where there are too many runs, the smallest ones anyhow. */
  #nextToMerge(): readonly Run[] | undefined {
    let smallest: Group | undefined
    for (let end = this.#runs.length; end >= runsPerMerge; end -= 1) {
      const group = groupOf(this.#runs.slice(end - runsPerMerge, end))
      if (group.largest < runsPerMerge * group.least) return group.runs
      if (smallest === undefined || group.total < smallest.total) smallest = group
    }
    return this.#runs.length > maxRuns ? smallest?.runs : undefined
  }

  async #write(
    from: number,
    to: number,
    expected: number,
    fill: (writer: RunWriter) => Promise<void>,
  ): Promise<Run> {
    const name = nameOf(from, to)
    const file = await this.#files.create(name + unfinishedSuffix)
    const writer = new RunWriter(file, expected)
    await fill(writer)
    await writer.finish(this.#databaseId, from, to)
    await file.close()
    await this.#files.rename(name + unfinishedSuffix, name)
    const run = Run.open(await this.#files.open(name), name, this.#cache)
    if (run === undefined) throw new Error(`${this.#files.path}/${name} can't be read back.`)
    return run
  }

  /** Takes the longest runs that follow on each other from the start, and discards the others. */
  async #choose(names: readonly string[], { databaseId, onDiscarded }: IndexOptions): Promise<void> {
    const found: Run[] = []
    for (const name of names) {
      const file = await this.#files.open(name)
      const run = Run.open(file, name, this.#cache)
      if (run?.facts.databaseId.equals(databaseId) === true) {
        found.push(run)
        continue
      }
      await file.close()
      onDiscarded(file.path)
      await this.#files.remove(name)
    }
    for (;;) {
      const next = longest(found.filter((run) => run.facts.from === this.#indexedUpTo))
      if (next === undefined) break
      this.#runs.push(next)
      this.#indexedUpTo = next.facts.to
    }
    // What a merge has made one of, and what lies beyond a gap.
    for (const run of found) {
      if (this.#runs.includes(run)) continue
      await run.close()
      await this.#files.remove(run.name)
    }
  }
}

interface Group {
  readonly runs: readonly Run[]
  readonly least: number
  readonly largest: number
  readonly total: number
}

function groupOf(runs: readonly Run[]): Group {
  const sizes = runs.map(({ facts }) => facts.entries)
  return { runs, least: Math.min(...sizes), largest: Math.max(...sizes), total: entriesOf(runs) }
}

const nameOf = (from: number, to: number): string =>
  `${String(from).padStart(16, '0')}-${String(to).padStart(16, '0')}${suffix}`

const longest = (runs: readonly Run[]): Run | undefined =>
  runs.toSorted((one, other) => other.facts.to - one.facts.to)[0]

const isOf = (entry: EntryKey, key: EntryKey): boolean => entry.high === key.high && entry.low === key.low

/** Positions of the entries from a key on, as long as they are of its stream and kind, and wanted. */
function positionsFrom(run: Run, key: EntryKey, wanted: (sub: number) => boolean): number[] {
  const positions: number[] = []
  for (let entry = run.lowerBound(key); entry < run.facts.entries; entry += 1) {
    const position = run.visit(entry, (page, offset) =>
      isOf(readKey(page, offset), key) && wanted(subOf(page, offset)) ? positionOf(page, offset) : undefined,
    )
    if (position === undefined) break
    positions.push(position)
  }
  return positions
}
