import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../behaviour/server.ts'
import { Environment, type Table } from './environment.ts'
import { GroupCommit } from './group-commit.ts'

const key = (text: string): Buffer => Buffer.from(text)
const nothing = (): void => undefined

let directory: string
let environment: Environment
let table: Table

beforeEach(() => {
  directory = temporaryDirectory()
  environment = new Environment(directory)
  table = environment.table('t')
})
afterEach(async () => {
  await environment.close()
  rmSync(directory, { recursive: true })
})

test('writes that wait together share one transaction, and each sees the ones before it', async () => {
  const commits = vi.spyOn(environment, 'commit')
  const group = new GroupCommit(environment, nothing)
  const append = (text: string) =>
    group.run(nothing, () => {
      const joined = (table.getBinary(key('log'))?.toString() ?? '') + text
      table.putSync(key('log'), Buffer.from(joined))
      return joined
    })
  expect(await Promise.all(['a', 'b', 'c'].map(append))).toEqual(['a', 'ab', 'abc'])
  expect(commits).toHaveBeenCalledTimes(1)
})

test('one that throws fails alone: nothing of it stays, nothing of the others is lost', async () => {
  const undone = vi.fn()
  const group = new GroupCommit(environment, undone)
  const put = (name: string) => group.run(nothing, () => table.putSync(key(name), key('there')))
  const broken = () =>
    group.run(nothing, () => {
      table.putSync(key('half'), key('written'))
      throw new Error('broken')
    })
  const results = await Promise.allSettled([put('a'), broken(), put('b')])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect([...table.getKeys()].map(String)).toEqual(['a', 'b'])
  expect(undone).toHaveBeenCalled()
})

test('one whose preparation throws fails alone', async () => {
  const group = new GroupCommit(environment, nothing)
  const unprepared = group.run(
    () => {
      throw new Error('no such place')
    },
    () => 1,
  )
  const [first, second] = await Promise.allSettled([unprepared, group.run(nothing, () => 2)])
  expect(first.status).toBe('rejected')
  expect(second).toEqual({ status: 'fulfilled', value: 2 })
})
