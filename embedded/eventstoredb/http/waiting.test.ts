import { describe, expect, it } from 'vitest'

import type { CommitListener } from '../log/event-log.ts'
import { EventRecord } from '../log/event-record.ts'
import { ownEvent } from '../log/own-events.ts'
import { poll } from './feeds/poll.ts'
import { Waiting } from './waiting.ts'

const recordOf = (stream: string): EventRecord =>
  EventRecord.propose(ownEvent('Happened', '{}'), stream, 0, 1)

/** A log that only tells of commits. */
class Commits {
  readonly listeners = new Set<CommitListener>()

  onCommit(listener: CommitListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  commit(...streams: string[]): void {
    for (const listener of this.listeners) listener(streams.map(recordOf))
  }
}

const present = new AbortController().signal
const long = 60_000

/** What has happened by the time that all that could happen has. */
async function outcomes(promises: readonly Promise<boolean>[]): Promise<(boolean | 'waits')[]> {
  await new Promise((resolve) => setImmediate(resolve))
  return Promise.all(promises.map((promise) => Promise.race([promise, Promise.resolve('waits' as const)])))
}

describe('who waits', () => {
  it('is woken by what concerns it, and by nothing else', async () => {
    const log = new Commits()
    const waiting = new Waiting(log)
    const gone = new AbortController()
    const waits = ['a', 'b', undefined].map((stream) => waiting.forChange(stream, long, gone.signal))
    expect(await outcomes(waits)).toEqual(['waits', 'waits', 'waits'])
    log.commit('b', 'c')
    expect(await outcomes(waits)).toEqual(['waits', true, true])
    gone.abort()
    expect(await outcomes(waits)).toEqual([false, true, true])
  })

  it('is forgotten when it has gone, or its time is up', async () => {
    const log = new Commits()
    const waiting = new Waiting(log)
    const gone = new AbortController()
    const wait = waiting.forChange('a', long, gone.signal)
    const short = waiting.forChange('a', 1, present)
    expect(log.listeners.size).toBe(1)
    gone.abort()
    expect(await Promise.all([wait, short])).toEqual([false, false])
    expect(log.listeners.size).toBe(0)
  })

  it('does not begin to wait when it has gone already, or has no time', async () => {
    const log = new Commits()
    const waiting = new Waiting(log)
    expect(await waiting.forChange('a', long, AbortSignal.abort())).toBe(false)
    expect(await waiting.forChange('a', 0, present)).toBe(false)
    expect(log.listeners.size).toBe(0)
  })
})

describe('a poll', () => {
  /** Polls a stream that holds what `commit` was called with. */
  function pollFor(wanted: number, patienceMs = long) {
    const log = new Commits()
    let length = 0
    const commit = (stream = 'a'): void => {
      if (stream === 'a') length += 1
      log.commit(stream)
    }
    const reads: number[] = []
    const read = (): Promise<number> => {
      reads.push(length)
      return Promise.resolve(length)
    }
    const found = poll(new Waiting(log), {
      read,
      isEnough: (found) => found >= wanted,
      stream: 'a',
      mark: () => length,
      patienceMs,
      gone: present,
    })
    return { commit, reads, found }
  }

  it('reads again for each event of its stream, until it has enough', async () => {
    const { commit, reads, found } = pollFor(2)
    for (const stream of ['b', 'a', 'b', 'a']) {
      await new Promise((resolve) => setImmediate(resolve))
      commit(stream)
    }
    expect(await found).toBe(2)
    expect(reads).toEqual([0, 1, 2])
  })

  it('does not miss what comes while it reads', async () => {
    const { commit, reads, found } = pollFor(1)
    commit()
    expect(await found).toBe(1)
    expect(reads).toEqual([0, 1])
  })

  it('takes what there is when its time is up', async () => {
    expect(await pollFor(1, 5).found).toBe(0)
    expect(await pollFor(1, 0).found).toBe(0)
  })
})
