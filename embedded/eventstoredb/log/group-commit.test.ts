import { expect, it } from 'vitest'

import { EventRecord } from './event-record.ts'
import { GroupCommit } from './group-commit.ts'
import { streamKey } from './index/entry.ts'
import { ownEvent } from './own-events.ts'
import { StreamHead } from './stream-head.ts'

/** A disk on which each flush takes until it is let go. */
class SlowDisk {
  readonly commits: number[] = []
  readonly #waiting: { resolve: () => void; reject: (error: Error) => void }[] = []

  plan(end: number): number {
    return end
  }

  append(_: number, parts: readonly Buffer[]): Promise<void> {
    this.commits.push(parts.length)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  async letGo(error?: Error): Promise<void> {
    while (this.#waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const flush = this.#waiting.shift()
    if (error === undefined) flush?.resolve()
    else flush?.reject(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function setUp(): { disk: SlowDisk; log: string[]; write: (name: string) => void } {
  const disk = new SlowDisk()
  const log: string[] = []
  const head = new StreamHead('stream', streamKey('stream'), -1)
  const group = new GroupCommit(disk, 64, (entries) => {
    log.push(`${entries.length} visible`)
    return undefined
  })
  let revision = 0
  const write = (name: string): void => {
    const record = EventRecord.propose(ownEvent('Happened', '{}'), 'stream', revision, group.place())
    revision += 1
    group.add({ record, head, hasKnownId: true })
    group.whenDurable((error) =>
      log.push(error === undefined ? `${name} acknowledged` : `${name}: ${error.message}`),
    )
  }
  return { disk, log, write }
}

it('what arrives during one flush shares the next', async () => {
  const { disk, log, write } = setUp()
  write('a')
  write('b')
  await new Promise((resolve) => setImmediate(resolve))
  write('c')
  write('d')
  write('e')
  expect(log).toEqual([])
  await disk.letGo()
  expect(log).toEqual(['2 visible', 'a acknowledged', 'b acknowledged'])
  await disk.letGo()
  expect(log.slice(3)).toEqual(['3 visible', 'c acknowledged', 'd acknowledged', 'e acknowledged'])
  expect(disk.commits).toHaveLength(2)
})

it('after a failed flush nothing is acknowledged, shown or tried any more', async () => {
  const { disk, log, write } = setUp()
  write('a')
  await new Promise((resolve) => setImmediate(resolve))
  write('b')
  await disk.letGo(new Error('disk full'))
  write('c')
  expect(log).toEqual(['a: disk full', 'b: disk full', 'c: disk full'])
  expect(disk.commits).toHaveLength(1)
})
