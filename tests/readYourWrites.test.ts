import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { personWith, showing } from '../bench/ownWrites.ts'
import type { Change, Person, Showing } from '../bench/ownWrites.ts'
import { ApiError, httpClient } from '../client/http.ts'
import type { HttpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { startAnotherApi } from './startAnotherApi.ts'

const PEOPLE = 8
const PAIRS = 60

let dataDir: string
let system: System
let another: Awaited<ReturnType<typeof startAnotherApi>>
let clients: readonly HttpClient[]
let people: readonly Person[]
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-'))
  system = await startSystem({ dataDir, env: { ...process.env, LOG_LEVEL: 'warn' } })
  another = await startAnotherApi(system, dataDir)
  clients = [system.addresses.graphql, another.url].map((url) => httpClient(url, PEOPLE))
  const [one, other] = clients.map(operations)
  if (!one || !other) throw new Error('there are two API processes')
  // Everybody writes at one API process and reads at the other.
  people = await Promise.all(
    Array.from({ length: PEOPLE }, (_, index) =>
      personWith(randomUUID(), {
        writes: index % 2 === 0 ? one : other,
        reads: index % 2 === 0 ? other : one,
        newKey: randomUUID,
      }),
    ),
  )
}, 60_000)
afterAll(async () => {
  for (const client of clients) await client.close()
  await another.stop()
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

type Answer = 'SHOWN' | 'STALE' | 'UNAVAILABLE'

const read = async ({ token, isShown }: Change): Promise<Answer> => {
  try {
    return (await isShown(token)) ? 'SHOWN' : 'STALE'
  } catch (fault) {
    if (fault instanceof ApiError && fault.code === 'UNAVAILABLE') return 'UNAVAILABLE'
    throw fault
  }
}

/** Makes a change, and reads it at once with its token. */
const pair = async (person: Person, query: Showing): Promise<Answer> => read(await person.change(query))

/** Everybody makes one change after another, all queries in turn, at least so many and until it is over. */
const pairs = async (count: number, isOver: () => boolean = () => true): Promise<readonly Answer[]> => {
  const answers: Answer[] = []
  const work = async (person: Person) => {
    for (let turn = 0; turn < count || !isOver(); turn++)
      answers.push(await pair(person, showing[turn % showing.length] ?? 'wallet'))
  }
  await Promise.all(people.map(work))
  return answers
}

describe('with the token of a change, its author', { timeout: 60_000 }, () => {
  it(`reads it at once, at whichever API process: ${PEOPLE * PAIRS} changes of ${PEOPLE} people`, async () => {
    const answers = await pairs(PAIRS)
    expect(answers).toHaveLength(PEOPLE * PAIRS)
    expect(answers.filter((answer) => answer !== 'SHOWN')).toEqual([])
  })

  it('is told UNAVAILABLE while the read models stand still, where others read what is old', async () => {
    const ask = async (person: Person, query: Showing): Promise<Change> => {
      const change = await person.change(query)
      expect(await change.isShown(), `${query} without the token`).toBe(false)
      expect(await read(change), `${query} with it`).toBe('UNAVAILABLE')
      return change
    }
    await system.processes.kill('projections', 'SIGSTOP')
    const changes: Change[] = []
    try {
      const asking = people.slice(0, showing.length).map((person, n) => ask(person, showing[n] ?? 'wallet'))
      changes.push(...(await Promise.all(asking)))
    } finally {
      await system.processes.kill('projections', 'SIGCONT')
    }
    expect(changes).toHaveLength(showing.length)
    for (const change of changes) {
      const answers = new Set<Answer>()
      while (!answers.has('SHOWN')) answers.add(await read(change))
      expect(answers).not.toContain('STALE')
    }
  })

  it('may be told UNAVAILABLE while the projections are killed and started again, but reads nothing old', async () => {
    let isBack = false
    const killing = async () => {
      for (let kills = 0; kills < 3; kills++) {
        await system.processes.kill('projections', 'SIGKILL')
        await system.processes.ready()
      }
      isBack = true
    }
    const [answers] = await Promise.all([pairs(PAIRS / 2, () => isBack), killing()])
    expect(answers).not.toContain('STALE')
    expect(answers).toContain('SHOWN')
    expect((await pairs(showing.length)).filter((answer) => answer !== 'SHOWN')).toEqual([])
  })
})
