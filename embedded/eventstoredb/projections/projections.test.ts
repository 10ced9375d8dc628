import { randomUUID } from 'node:crypto'

import { expect, it } from 'vitest'

import { AllReader } from '../log/all-reader.ts'
import { Expected } from '../log/commit-check.ts'
import { EventLog } from '../log/event-log.ts'
import { MemoryFiles } from '../log/files/memory-files.ts'
import type { Files, StoreFile } from '../log/files/store-file.ts'
import { StreamReader } from '../log/stream-reader.ts'
import { Projections } from './projections.ts'

/** A disk that can be full. */
class Disk {
  readonly #files: Files
  #full = false

  constructor(files: Files = new MemoryFiles()) {
    this.#files = files
  }

  fill(): void {
    this.#full = true
  }

  files(of: Files = this.#files): Files {
    const file = (inner: StoreFile): StoreFile => ({
      path: inner.path,
      get size() {
        return inner.size
      },
      append: (parts) => (this.#full ? Promise.reject(new Error('no space left')) : inner.append(parts)),
      read: (offset, length) => inner.read(offset, length),
      truncate: (size) => inner.truncate(size),
      close: () => inner.close(),
    })
    return {
      path: of.path,
      names: () => of.names(),
      create: async (name) => file(await of.create(name)),
      open: async (name) => file(await of.open(name)),
      rename: (from, to) => of.rename(from, to),
      remove: (name) => of.remove(name),
      folder: async (name) => this.files(await of.folder(name)),
    }
  }
}

const noted = () => ({
  id: randomUUID(),
  type: 'Noted',
  json: true,
  data: Buffer.from('{}'),
  metadata: Buffer.from(''),
})

it('a projection that can not write is faulted, with the reason, and says so to who runs the node', async () => {
  const disk = new Disk()
  const reports: string[] = []
  const report = (what: string): void => void reports.push(what)
  const log = await EventLog.open(disk.files(), { report })
  const projections = await Projections.start({
    log,
    all: new AllReader(log),
    streams: new StreamReader(log),
    report,
  })
  const written = new Promise((resolve) => {
    // The disk is full as soon as this event is on it, so there is no room for its links.
    log.onCommit((records) => {
      if (records.some(({ stream }) => stream === 'note-1')) disk.fill()
    })
    log.append({ stream: 'note-1', expected: Expected.any, events: [noted()] }, resolve)
  })
  expect(await written).toMatchObject({ kind: 'appended' })
  await expect.poll(() => projections.all().map(({ status }) => status)).toContain('Faulted')
  const faulted = projections.get('$by_category')
  await expect.poll(() => faulted?.status).toBe('Faulted')
  expect(faulted?.statistics.stateReason).toContain('no space left')
  expect(faulted?.statistics.progress).toBeLessThan(100)
  expect(reports.some((what) => what.includes('$by_category') && what.includes('no space left'))).toBe(true)
  await expect(projections.stop()).resolves.toBeUndefined()
})
