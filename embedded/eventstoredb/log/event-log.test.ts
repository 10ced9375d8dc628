import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { AllReader } from './all-reader.ts'
import { Expected } from './commit-check.ts'
import { EventLog, type AppendResult } from './event-log.ts'
import type { EventRecord } from './event-record.ts'
import { MemoryFiles } from './files/memory-files.ts'
import { DamagedStore, type Files } from './files/store-file.ts'
import { verify } from './verify.ts'

/** So small that a test has many. */
const segmentBytes = 4096

const open = (files: Files, reports: string[] = []): Promise<EventLog> =>
  EventLog.open(files, { segmentBytes, report: (what) => reports.push(what) })

function event(size = 10, id: string = randomUUID()) {
  return { id, type: 'Happened', json: false, data: Buffer.alloc(size, 1), metadata: Buffer.alloc(0) }
}

function append(
  log: EventLog,
  stream: string,
  events: readonly ReturnType<typeof event>[],
  expected: number = Expected.any,
): Promise<AppendResult> {
  return new Promise((resolve) => log.append({ stream, expected, events }, resolve))
}

const facts = (records: readonly EventRecord[]): string[] =>
  records.map(({ stream, revision, position, id }) => `${position} ${revision}@${stream} ${id}`)

const everything = (log: EventLog): string[] =>
  facts(log.reader.forward(0, log.visibleEnd, Number.POSITIVE_INFINITY))

/** Pages are bounded in bytes, so reading all of a log takes several. */
function allForward(log: EventLog): EventRecord[] {
  const records: EventRecord[] = []
  for (let page = log.reader.forward(0, log.visibleEnd, 100); page.length > 0;) {
    records.push(...page)
    page = log.reader.forward(page.at(-1)?.next ?? 0, log.visibleEnd, 100)
  }
  return records
}

/** Copies of the files as a crash would leave them. */
async function copyOf(files: MemoryFiles): Promise<MemoryFiles> {
  const copy = new MemoryFiles()
  for (const folder of ['log', 'index']) {
    const from = await files.folder(folder)
    const to = await copy.folder(folder)
    for (const name of await from.names()) {
      const source = await from.open(name)
      await (await to.create(name)).append([Buffer.from(source.read(0, source.size))])
    }
  }
  return copy
}

async function lastSegment(files: MemoryFiles) {
  const log = await files.folder('log')
  return log.open((await log.names()).toSorted().at(-1) ?? '')
}

describe('reading the log', () => {
  const commits = fc.array(fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 }), {
    minLength: 1,
    maxLength: 25,
  })

  it('gives the same records forwards and backwards, from any position, over any number of segments', async () => {
    await fc.assert(
      fc.asyncProperty(commits, fc.nat(), async (sizes, anywhere) => {
        const log = await open(new MemoryFiles())
        for (const [n, commit] of sizes.entries())
          await append(
            log,
            `s-${n % 3}`,
            commit.map((size) => event(size)),
          )
        const all = allForward(log)
        expect(all).toHaveLength(sizes.flat().length)
        const position = anywhere % (log.visibleEnd + 10)
        const { reader } = log
        expect(facts(reader.backward(log.visibleEnd, 10_000))).toEqual(facts(all.toReversed()))
        expect(facts(reader.forward(position, log.visibleEnd, 3))).toEqual(
          facts(all.filter((record) => record.position >= position).slice(0, 3)),
        )
        // What lies beyond the end is for its callers to know.
        expect(facts(reader.backward(Math.min(position, log.visibleEnd), 3))).toEqual(
          facts(
            all
              .filter((record) => record.next <= position)
              .toReversed()
              .slice(0, 3),
          ),
        )
        expect(reader.startsAt(position)).toBe(all.some((record) => record.position === position))
        expect(facts(reader.records(all.map((record) => record.position)))).toEqual(facts(all))
      }),
      { numRuns: 60 },
    )
  })

  it('is the same from memory and from the files', async () => {
    const log = await open(new MemoryFiles())
    for (let n = 0; n < 50; n += 1) await append(log, 's', [event(n * 20), event()])
    const all = new AllReader(log)
    expect(facts(all.forward(0, 200))).toEqual(facts(allForward(log)))
    expect(facts(all.backward(log.visibleEnd, 200))).toEqual(facts(allForward(log).toReversed()))
  })

  it('takes events larger than a block, and than a segment', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    await append(log, 's', [event(300_000), event(1), event(1_000_000)])
    await append(log, 's', [event(1)])
    const again = await open(files)
    expect(allForward(again).map((record) => record.body.data.length)).toEqual([300_000, 1, 1_000_000, 1])
    expect(allForward(again).map((record) => record.revision)).toEqual([0, 1, 2, 3])
  })
})

describe('opened again', () => {
  it('an append that is sent again is known by its ids, whatever is expected and however long ago', async () => {
    const files = new MemoryFiles()
    let log = await open(files)
    const first = [event(), event()]
    const written = await append(log, 'old', first)
    for (let n = 0; n < 60; n += 1)
      await append(
        log,
        `s-${n}`,
        Array.from({ length: 100 }, () => event()),
      )
    for (const restart of [false, true]) {
      if (restart) {
        await log.close()
        log = await open(files)
      }
      for (const expected of [Expected.any, Expected.noStream, Expected.streamExists])
        expect(await append(log, 'old', first, expected)).toEqual(written)
    }
    expect(log.heads.get('old').revision).toBe(1)
    // The same ids mean nothing in another stream.
    expect(await append(log, 'new', first)).toMatchObject({ kind: 'appended', revision: 1 })
  })

  it('an id that several streams have is known in each of them', async () => {
    const log = await open(new MemoryFiles())
    const shared = [event()]
    for (const stream of ['a', 'b', 'c', 'a', 'b', 'c'])
      expect(await append(log, stream, shared)).toMatchObject({ kind: 'appended', revision: 0 })
    // Indexed by now, and then known from there.
    for (let n = 0; n < 50; n += 1)
      await append(
        log,
        'filling',
        Array.from({ length: 100 }, () => event()),
      )
    for (const stream of ['a', 'b', 'c'])
      expect(await append(log, stream, shared)).toMatchObject({ kind: 'appended', revision: 0 })
  })

  it('goes on where it was', async () => {
    const files = new MemoryFiles()
    let log = await open(files)
    for (let n = 0; n < 30; n += 1) {
      await append(log, `s-${n % 4}`, [event(500)], Math.floor(n / 4) - 1)
      const before = everything(log)
      await log.close()
      log = await open(files)
      expect(everything(log)).toEqual(before)
      expect(log.lastPosition).toBe(log.reader.backward(log.visibleEnd, 1)[0]?.position)
    }
  })
})

describe('an append that a crash has cut short', () => {
  it('is dropped with a word, wherever it was cut; what was acknowledged before stays', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    await append(log, 's', [event(100), event(100)])
    const kept = everything(log)
    const whole = (await lastSegment(files)).size
    await append(log, 's', [event(200), event(70_000), event(200)])
    const end = (await lastSegment(files)).size
    for (let cut = whole + 1; cut < end; cut += 1 + Math.floor((end - whole) / 300)) {
      const copy = await copyOf(files)
      await (await lastSegment(copy)).truncate(cut)
      const reports: string[] = []
      const again = await open(copy, reports)
      expect(everything(again)).toEqual(kept)
      expect(reports).toEqual([
        expect.stringMatching(
          new RegExp(`^memory/log/.*: an append .* is dropped, ${cut - whole} bytes at the end.$`, 'u'),
        ),
      ])
      expect(await append(again, 's', [event()], 1)).toMatchObject({ kind: 'appended', revision: 2 })
    }
  })
})

describe('damage', () => {
  it('to any byte is never served: it is named, or the append at the very end is dropped with a word', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 6; n += 1) await append(log, `s-${n % 2}`, [event(600), event(30)])
    const all = everything(log)
    const withoutLast = all.slice(0, -2)
    const folder = await files.folder('log')
    const names = (await folder.names()).toSorted()
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) {
      const { size } = await folder.open(name)
      for (let at = 0; at < size; at += 7) {
        const copy = await copyOf(files)
        const file = await (await copy.folder('log')).open(name)
        const bytes = file.read(0, file.size)
        bytes[at] = (bytes[at] ?? 0) ^ 0x10
        const reports: string[] = []
        try {
          const again = await open(copy, reports)
          const served = everything(again)
          if (reports.length === 0) expect(served).toEqual(all)
          else expect(served).toEqual(withoutLast)
        } catch (error) {
          expect(error).toBeInstanceOf(DamagedStore)
          expect(String(error)).toContain(name)
        }
      }
    }
  })

  it.each([
    ['a segment that is missing', (names: string[]) => names[1] ?? ''],
    ['the first segment missing', (names: string[]) => names[0] ?? ''],
  ])('%s is reported by name', async (_, choose) => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 40; n += 1) await append(log, 's', [event(600)])
    const folder = await files.folder('log')
    await folder.remove(choose((await folder.names()).toSorted()))
    await expect(open(files)).rejects.toThrow(/^The database is damaged: memory\/log\/.*bytes are missing/u)
  })

  it('of the end of a log that was acknowledged is noticed, as the index knows better', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 50; n += 1)
      await append(
        log,
        's',
        Array.from({ length: 100 }, () => event()),
      )
    await log.close()
    const folder = await files.folder('log')
    const names = (await folder.names()).toSorted()
    for (const name of names.slice(3)) await folder.remove(name)
    await expect(open(files)).rejects.toThrow('its index knows of records up to')
  })

  it('to the index is mended from the log', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 100; n += 1)
      await append(
        log,
        `s-${n % 7}`,
        Array.from({ length: 100 }, () => event()),
      )
    await log.close()
    const index = await files.folder('index')
    for (const name of await index.names()) await (await index.open(name)).truncate(100)
    const reports: string[] = []
    const again = await open(files, reports)
    expect(reports.length).toBeGreaterThan(0)
    expect(reports[0]).toMatch(/memory\/index\/.*indexed again/u)
    expect(facts(again.range(again.heads.get('s-3'), 0, 10_000))).toEqual(
      facts(allForward(again).filter((record) => record.stream === 's-3')),
    )
    await again.close()
    expect(await open(files, reports)).toBeInstanceOf(EventLog)
    expect(reports).toHaveLength(2)
  })
})

describe('a look at the whole store', () => {
  it('counts its events, and finds nothing where there is nothing', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 60; n += 1)
      await append(
        log,
        `s-${n % 7}`,
        Array.from({ length: 100 }, () => event()),
      )
    await new Promise<void>((resolve) => log.tombstone('s-1', Expected.any, () => resolve()))
    expect(await verify(log)).toEqual({ events: 6001, findings: [] })
    await log.close()
    expect(await verify(await open(files))).toEqual({ events: 6001, findings: [] })
  })

  it('says which events the index does not find', async () => {
    const files = new MemoryFiles()
    const log = await open(files)
    for (let n = 0; n < 45; n += 1)
      await append(
        log,
        'known',
        Array.from({ length: 100 }, () => event()),
      )
    await log.close()
    // An index that is whole, and of this log, but of other streams.
    const other = await open(files)
    const index = await files.folder('index')
    const [name = ''] = await index.names()
    const bytes = (await index.open(name)).read(0, 1 << 30)
    for (let page = 0; page + 4096 < bytes.length; page += 4096) {
      const count = bytes.readUInt16LE(page + 4)
      if (
        count === 0 ||
        count > 170 ||
        bytes.readUInt32LE(page) !== crc32(bytes.subarray(page + 4, page + 4096))
      )
        continue
      bytes.writeUIntBE(1, page + 16 + 12, 6)
      bytes.writeUInt32LE(crc32(bytes.subarray(page + 4, page + 4096)), page)
    }
    const { findings } = await verify(other)
    expect(findings.length).toBeGreaterThan(0)
    expect(findings[0]).toMatch(/^\d+@known at position \d+ isn't/u)
  })
})
