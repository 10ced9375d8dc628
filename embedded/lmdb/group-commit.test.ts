import { rmSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../mongodb/behaviour/server.ts'
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

const few = 1
const many = 1_000

describe.each([
  ['few writes', few],
  ['many, flushed aside', many],
])('a commit of %s', (_, writes) => {
  const putting = (name: string) => ({ decide: () => table.putSync(key(name), key('there')), writes })
  const breaking = (name: string) => ({
    decide: () => {
      table.putSync(key(name), key('there'))
      throw new Error('broken')
    },
    writes,
  })

  test('takes all that wait, and each sees the ones before it', async () => {
    const commits = [vi.spyOn(environment, 'commit'), vi.spyOn(environment, 'commitAside')]
    const group = new GroupCommit(environment, nothing)
    const append = (text: string) =>
      group.run({
        decide: () => {
          const joined = (table.getBinary(key('log'))?.toString() ?? '') + text
          table.putSync(key('log'), Buffer.from(joined))
          return joined
        },
        writes,
      })
    expect(await Promise.all(['a', 'b', 'c'].map(append))).toEqual(['a', 'ab', 'abc'])
    expect(commits.flatMap(({ mock }) => mock.calls)).toHaveLength(1)
    expect(table.getBinary(key('log'))?.toString()).toBe('abc')
  })

  test('in which one throws fails for that one alone: nothing of it stays, nothing of the others is lost', async () => {
    const undone = vi.fn()
    const group = new GroupCommit(environment, undone)
    const work = [putting('a'), breaking('half'), putting('b')]
    const results = await Promise.allSettled(work.map((one) => group.run(one)))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect([...table.getKeys()].map(String)).toEqual(['a', 'b'])
    expect(undone).toHaveBeenCalled()
  })

  test('is seen by nobody before it is told', async () => {
    const group = new GroupCommit(environment, nothing)
    const seen: (Buffer | undefined)[] = []
    const written = group.run({ ...putting('a'), committed: () => seen.push(table.getBinary(key('a'))) })
    seen.push(table.getBinary(key('a')))
    await written
    expect(seen.map((value) => value?.toString())).toEqual([undefined, 'there'])
  })
})

test('what is to be alone shares with none, and keeps its place', async () => {
  const group = new GroupCommit(environment, nothing)
  const order: string[] = []
  const work = (name: string, alone: boolean) =>
    group.run({ decide: () => order.push(name), committed: () => order.push(`${name} done`), alone })
  await Promise.all([work('a', false), work('b', true), work('c', false), work('d', false)])
  expect(order).toEqual(['a', 'a done', 'b', 'b done', 'c', 'd', 'c done', 'd done'])
})

test('one whose preparation throws fails alone', async () => {
  const group = new GroupCommit(environment, nothing)
  const prepare = (): void => {
    throw new Error('no such place')
  }
  const unprepared = group.run({ prepare, decide: () => 1 })
  const [first, second] = await Promise.allSettled([unprepared, group.run({ decide: () => 2 })])
  expect(first.status).toBe('rejected')
  expect(second).toEqual({ status: 'fulfilled', value: 2 })
})
