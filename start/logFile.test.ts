import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLogFile } from './logFile.ts'

const newPath = () => {
  const directory = mkdtempSync(join(tmpdir(), 'counterfoil-log-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'logs', 'orders.log')
}

test('goes on where it was', () => {
  const path = newPath()
  for (const line of ['one', 'two']) {
    const log = openLogFile(path)
    log.write(line)
    log.close()
    log.write('too late')
    log.close()
  }
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
})

test('begins anew when it is full, and keeps the one before', () => {
  const path = newPath()
  openLogFile(path).close()
  writeFileSync(path, 'x'.repeat(16 * 1024 * 1024))
  const log = openLogFile(path)
  log.write('new')
  log.close()
  expect(readFileSync(path, 'utf8')).toBe('new\n')
  expect(readFileSync(`${path}.1`)).toHaveLength(16 * 1024 * 1024)
})
