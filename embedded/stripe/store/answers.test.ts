import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Ledger } from './ledger.ts'

const HOUR = 3_600_000

test('what is older than a day goes, a slice at a time, and nothing else', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'stripe-answers-'))
  const ledger = new Ledger(directory)
  onTestFinished(async () => {
    await ledger.close()
    rmSync(directory, { recursive: true })
  })
  const { answers } = ledger
  const now = 100 * HOUR
  const answer = (at: number) => ({ fingerprint: 'f', request: 'req_1', status: 200, body: {}, at })
  await ledger.write(() => {
    for (let n = 0; n < 1_200; n++) answers.put(`key ${n}`, answer(now - (n % 2 === 0 ? 25 : 23) * HOUR))
  })
  const slices: (Buffer | undefined)[] = []
  do slices.push(await ledger.write(() => answers.prune(now, slices.at(-1))))
  while (slices.at(-1))
  expect(slices).toHaveLength(3)
  // As somebody would see it for whom all of it is new.
  const left = Array.from({ length: 1_200 }, (_, n) => answers.get(`key ${n}`, now - 10 * HOUR) !== undefined)
  expect(left).toEqual(Array.from({ length: 1_200 }, (_, n) => n % 2 === 1))
})
