import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startSystem } from '../start/system.ts'

const demo = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, ['demo/main.ts', ...args], { stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  const ended = Promise.withResolvers<number | null>()
  child.once('close', ended.resolve)
  const [stdout, stderr] = await output
  return { code: await ended.promise, stdout, stderr }
}

test('200 orders on a running system: all of them end, the books are right, and the same seed again changes nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'counterfoil-demo-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const system = await startSystem({ dataDir: directory, env: process.env })
  onTestFinished(system.stop)

  const args = ['--orders', '200', '--seed', 'test', '--url', system.addresses.graphql]
  const first = await demo(...args)
  expect(first.stderr).toBe('')
  expect(first.stdout).toContain('10 people, 200 orders')
  expect(first.stdout).toMatch(/placed +200\n/)
  for (const reason of ['NO_WALLET', 'CURRENCY_MISMATCH', 'INSUFFICIENT_FUNDS'])
    expect(first.stdout).toContain(reason)
  expect(first.stdout).not.toContain('✗')
  expect(first.stdout.match(/✓/g)).toHaveLength(7)
  expect(first.code).toBe(0)

  const tableOf = (stdout: string) => stdout.slice(stdout.indexOf('\nMoney'))
  const second = await demo(...args)
  expect(second.code).toBe(0)
  expect(tableOf(second.stdout)).toBe(tableOf(first.stdout))
}, 40_000)

test('200 visits to the shop: paid, cancelled, expired, given back, and books and shelves are right', async () => {
  const { code, stdout } = await demo('--shop', '--orders', '200', '--seed', 'test')
  expect(stdout).toContain('200 visits to the shop')
  for (const outcome of ['PAID', 'CANCELLED', 'REFUNDED', 'OUT_OF_STOCK', 'INSUFFICIENT_FUNDS'])
    expect(stdout).toMatch(new RegExp(`${outcome} +[1-9]`))
  expect(stdout).not.toContain('✗')
  expect(stdout.match(/✓/g)).toHaveLength(8)
  expect(code).toBe(0)
}, 120_000)

test('without a system at the address, the demo says so and ends with 1', async () => {
  const { code, stderr } = await demo('--orders', '1', '--url', 'http://127.0.0.1:9/graphql')
  expect(stderr).toContain('no GraphQL API answers at http://127.0.0.1:9/graphql')
  expect(code).toBe(1)
})
