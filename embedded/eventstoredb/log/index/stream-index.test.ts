import { randomBytes } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { tombstoneRevision } from '../../codec/recorded-event.ts'
import type { Files } from '../files/store-file.ts'
import { MemoryFiles } from '../files/memory-files.ts'
import { entrySize, idKey, revisionKey, streamKey, writeEntry } from './entry.ts'
import { StreamIndex } from './stream-index.ts'

const databaseId = randomBytes(16)
const logStart = 64

interface Recorded {
  readonly stream: string
  readonly revision: number
  readonly id: string
  readonly position: number
}

function open(files: Files, discarded: string[] = []): Promise<StreamIndex> {
  return StreamIndex.open(files, { databaseId, logStart, onDiscarded: (path) => discarded.push(path) })
}

function entriesOf(records: readonly Recorded[]): Buffer {
  const bytes = Buffer.alloc(records.length * 2 * entrySize)
  for (const [index, { stream, revision, id, position }] of records.entries()) {
    const key = streamKey(stream)
    writeEntry(bytes, index * 2 * entrySize, revisionKey(key, revision), position)
    writeEntry(bytes, (index * 2 + 1) * entrySize, idKey(key, id), position)
  }
  return bytes
}

/** A log of so many records, spread over streams in turn. */
class Log {
  readonly records: Recorded[] = []
  readonly #last = new Map<string, number>()

  write(stream: string): Recorded {
    const revision = (this.#last.get(stream) ?? -1) + 1
    this.#last.set(stream, revision)
    const position = (this.records.at(-1)?.position ?? logStart) + 100
    const record = { stream, revision, id: `${stream}#${revision}`, position }
    this.records.push(record)
    return record
  }

  last(stream: string): number {
    return this.#last.get(stream) ?? -1
  }
}

async function fill(index: StreamIndex, log: Log, steps: readonly (readonly string[])[]): Promise<void> {
  for (const step of steps) {
    const records = step.map((stream) => log.write(stream))
    await index.add(entriesOf(records), (records.at(-1)?.position ?? logStart) + 1)
  }
}

function expectAllFound(index: StreamIndex, log: Log, streams: readonly string[]): void {
  for (const stream of streams) {
    const key = streamKey(stream)
    const own = log.records.filter((record) => record.stream === stream)
    expect(index.lastRevision(key)).toBe(log.last(stream))
    expect(index.locate(key, 0, own.length)).toEqual(own.map(({ position }) => position))
    const middle = Math.floor(own.length / 2)
    expect(index.locate(key, middle, middle)).toEqual(own.slice(middle, middle + 1).map((r) => r.position))
    for (const { id, position } of own) expect(index.candidates(key, id)).toContain(position)
    expect(index.candidates(key, 'another id')).toEqual([])
  }
}

const names = ['order-1', 'order-2', 'wallet-ü', '', 'x'.repeat(2000)]

describe('the index', () => {
  it('finds every record by stream and revision and by id, however steps and merges fall', async () => {
    const steps = fc.array(fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 40 }), {
      minLength: 1,
      maxLength: 30,
    })
    await fc.assert(
      fc.asyncProperty(steps, async (writes) => {
        const files = new MemoryFiles()
        const index = await open(files)
        const log = new Log()
        await fill(index, log, writes)
        expectAllFound(index, log, names)
        await index.close()
        const again = await open(files)
        expect(again.indexedUpTo).toBe(index.indexedUpTo)
        expectAllFound(again, log, names)
        expect(again.lastRevision(streamKey('unknown'))).toBe(-1)
      }),
      { numRuns: 40 },
    )
  })

  it('merges its runs, so that there are never many', async () => {
    const files = new MemoryFiles()
    const index = await open(files)
    const log = new Log()
    await fill(
      index,
      log,
      Array.from({ length: 200 }, (_, step) => Array.from({ length: 1 + (step % 50) }, (_, n) => `s-${n}`)),
    )
    await index.close()
    expect((await files.names()).length).toBeLessThanOrEqual(20)
    expectAllFound(await open(files), log, ['s-0', 's-7', 's-49'])
  })

  it('knows a tombstone by its revision', async () => {
    const index = await open(new MemoryFiles())
    const key = streamKey('gone')
    const bytes = Buffer.alloc(entrySize)
    writeEntry(bytes, 0, revisionKey(key, tombstoneRevision), 500)
    await index.add(bytes, 600)
    expect(index.lastRevision(key)).toBe(tombstoneRevision)
    expect(index.locate(key, tombstoneRevision, tombstoneRevision)).toEqual([500])
  })
})

describe('files that are not whole', () => {
  async function written(): Promise<{ files: MemoryFiles; log: Log; runs: string[] }> {
    const files = new MemoryFiles()
    const index = await open(files)
    const log = new Log()
    await fill(index, log, [names, names, names])
    await index.close()
    return { files, log, runs: (await files.names()).toSorted() }
  }

  it('are left over from a crash while writing, and removed', async () => {
    const { files, log, runs } = await written()
    await files.create('0000000000000000-0000000000000001.run.new')
    expectAllFound(await open(files), log, names)
    expect(await files.names()).toEqual(runs)
  })

  it.each([
    ['without an end', (size: number) => size - 1],
    ['empty', () => 0],
  ])('%s are discarded with a word, and what they covered is to be indexed again', async (_, sizeOf) => {
    const { files, runs } = await written()
    const [, second = ''] = runs
    const file = await files.open(second)
    await file.truncate(sizeOf(file.size))
    const discarded: string[] = []
    const index = await open(files, discarded)
    expect(discarded).toEqual([`memory/${second}`])
    expect(index.indexedUpTo).toBe(Number(second.slice(0, 16)))
    expect(await files.names()).toEqual(runs.slice(0, 1))
  })

  it('belong to another log, and are discarded', async () => {
    const { files } = await written()
    const index = await StreamIndex.open(files, {
      databaseId: randomBytes(16),
      logStart,
      onDiscarded: () => undefined,
    })
    expect(index.indexedUpTo).toBe(logStart)
    expect(await files.names()).toEqual([])
  })

  it('a merge that is there beside what it was made of is used, and they are removed', async () => {
    const { files, log, runs } = await written()
    const index = await open(files)
    const from = String(logStart).padStart(16, '0')
    const merged = await files.create(`${from}-${String(index.indexedUpTo).padStart(16, '0')}.run`)
    const other = new MemoryFiles()
    const whole = await open(other)
    await whole.add(entriesOf(log.records), index.indexedUpTo)
    const source = await other.open((await other.names())[0] ?? '')
    await merged.append([source.read(0, source.size)])
    expectAllFound(await open(files), log, names)
    expect(await files.names()).toHaveLength(1)
    expect(runs).toHaveLength(3)
  })

  it('a page that is not what was written is refused by name', async () => {
    const { files, runs } = await written()
    const file = await files.open(runs[0] ?? '')
    const bytes = file.read(0, file.size)
    bytes[100] = (bytes[100] ?? 0) ^ 1
    const index = await open(files)
    expect(() => index.locate(streamKey('order-1'), 0, 5)).toThrow(
      /memory\/0+64-.*\.run at byte 0: .*checksum/u,
    )
  })
})
