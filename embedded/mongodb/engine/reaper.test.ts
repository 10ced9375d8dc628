import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Environment } from '../../lmdb/environment.ts'
import { GroupCommit } from '../../lmdb/group-commit.ts'
import { Reaper } from './reaper.ts'

test('dropped tables go, whenever they come, so that there is always room for new ones', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'reaper-'))
  const environment = new Environment(directory)
  const reaper = new Reaper(new GroupCommit(environment, () => undefined))
  const filled = (name: string, entries: number) => {
    const table = environment.table(name)
    for (let n = 0; n < entries; n++) table.putSync(Buffer.from(String(n)), Buffer.from('x'))
    return table
  }
  reaper.take([])
  reaper.take([filled('a', 1), filled('b', 1_000)])
  await expect.poll(() => environment.tableNames()).toEqual([])
  reaper.take([filled('c', 0)])
  await expect.poll(() => environment.tableNames()).toEqual([])
  await reaper.stop()
  await environment.close()
  rmSync(directory, { recursive: true })
})
