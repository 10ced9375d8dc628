import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { identify, isAlive } from './identity.ts'
import { DataDirectoryInUse, lockDirectory } from './lock.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'counterfoil-lock-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const now = () => new Date('2026-01-02T03:04:05Z')
const leave = (holder: unknown) => writeFileSync(join(directory, 'lock'), JSON.stringify(holder))

test('a directory has one owner at a time', async () => {
  const lock = await lockDirectory(directory, now)
  const second = lockDirectory(directory, now)
  await expect(second).rejects.toThrow(DataDirectoryInUse)
  await expect(second).rejects.toThrow(
    `${directory} is in use by process ${process.pid} since 2026-01-02T03:04:05.000Z. Stop it, or set DATA_DIR`,
  )
  lock.release()
  const third = await lockDirectory(directory, now)
  third.release()
  expect(existsSync(join(directory, 'lock'))).toBe(false)
})

test('the lock of a dead process is taken over', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  leave({ owner: { pid: child.pid, started: '1' }, children: [], since: now().toISOString() })
  const lock = await lockDirectory(directory, now)
  lock.release()
})

test('another process with the pid of the dead one does not keep the lock', async () => {
  leave({ owner: { pid: process.pid, started: 'long ago' }, children: [], since: now().toISOString() })
  const lock = await lockDirectory(directory, now)
  lock.release()
})

test('a lock that cannot be read is taken over', async () => {
  writeFileSync(join(directory, 'lock'), '{')
  const lock = await lockDirectory(directory, now)
  lock.release()
})

test('a takeover waits for the processes that the dead owner left behind', async () => {
  const survivor = spawn('sleep', ['0.5'])
  const identity = identify(survivor.pid ?? 0)
  leave({
    owner: { pid: process.pid, started: 'long ago' },
    children: [identity],
    since: now().toISOString(),
  })
  expect(isAlive(identity)).toBe(true)
  const lock = await lockDirectory(directory, now)
  expect(isAlive(identity)).toBe(false)
  lock.release()
})

test('of many that find an abandoned lock, one gets it', async () => {
  leave({ owner: { pid: process.pid, started: 'long ago' }, children: [], since: now().toISOString() })
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(directory, now)))
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})
