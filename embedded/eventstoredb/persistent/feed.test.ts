import { beforeEach, describe, expect, it } from 'vitest'

import { EventRecord } from '../log/event-record.ts'
import { ownEvent } from '../log/own-events.ts'
import { Feed } from './feed.ts'
import type { Source } from './source.ts'

/** A source of numbered events, of which the ones with `-` are not wanted. */
class Numbers implements Source {
  readonly filtered = false
  readonly events: EventRecord[] = []
  /** Where pages were read from. */
  readonly reads: number[] = []

  add(type: string): EventRecord {
    const revision = this.events.length
    const event = EventRecord.propose(ownEvent(type, '{}'), 's', revision, revision + 1)
    this.events.push(event)
    return event
  }

  end = (): number => this.events.length
  read = (from: number, limit: number): ReturnType<Source['read']> => {
    this.reads.push(from)
    const records = this.events.slice(from, from + limit)
    const next = from + records.length
    return { records, next, atEnd: next >= this.events.length }
  }
  sequenceOf = (record: EventRecord): number => record.revision
  after = (record: EventRecord): number => record.revision + 1
  matches = (record: EventRecord): boolean => !record.type.startsWith('-')
  weightOf = (): number => 1
  textOf = String
  numberOf = Number
}

const historyBufferSize = 4

let source: Numbers
let taken: string[]
let passed: number[]
/** Messages that nobody has taken out of the history buffer. */
let waiting: number
beforeEach(() => {
  source = new Numbers()
  taken = []
  passed = []
  waiting = 0
})

function feedOf({ liveBufferSize = 3, live = false } = {}): Feed {
  return new Feed(
    source,
    { readBatchSize: 2, liveBufferSize },
    { next: 0, live },
    {
      room: () => historyBufferSize - waiting,
      take: ({ type }) => {
        taken.push(type)
        waiting += 1
      },
      pass: (sequence) => passed.push(sequence),
    },
  )
}

const happen = (feed: Feed, ...types: string[]): void => {
  for (const type of types) feed.offer(source.add(type))
}

const catchUp = (feed: Feed): void => {
  for (let more = true; more;) {
    waiting = 0
    more = feed.catchUp()
  }
}

describe('a group that begins with history', () => {
  it('reads pages until it has caught up, and then takes what comes without reading', () => {
    for (const type of ['a', 'b', 'c']) source.add(type)
    const feed = feedOf()
    expect(feed.live).toBe(false)
    catchUp(feed)
    expect([taken, feed.live, source.reads]).toEqual([['a', 'b', 'c'], true, [0, 2]])
    happen(feed, 'd')
    expect(taken.at(-1)).toBe('d')
    expect(source.reads).toHaveLength(2)
  })

  it('takes each event once, whether it was read or came meanwhile', () => {
    for (const type of ['a', 'b']) source.add(type)
    const feed = feedOf()
    happen(feed, 'c')
    expect(taken).toEqual([])
    catchUp(feed)
    happen(feed, 'd')
    expect(taken).toEqual(['a', 'b', 'c', 'd'])
  })

  it('reads no further than there is room', () => {
    for (const type of 'abcdefgh') source.add(type)
    const feed = feedOf()
    while (feed.catchUp());
    expect(taken).toEqual(['a', 'b', 'c', 'd'])
    expect(feed.wantsPage).toBe(false)
  })
})

describe('a live group without room', () => {
  it('falls behind, and goes on from its live buffer without reading', () => {
    const feed = feedOf({ live: true })
    happen(feed, 'a', 'b', 'c', 'd', 'e', 'f')
    expect([taken, feed.live, feed.liveBufferCount]).toEqual([['a', 'b', 'c', 'd'], false, 2])
    catchUp(feed)
    expect([taken.join(''), feed.live, feed.liveBufferCount]).toEqual(['abcdef', true, 0])
    expect(source.reads).toEqual([])
  })

  it('whose live buffer overflows drops the oldest, and reads them', () => {
    const feed = feedOf({ live: true })
    happen(feed, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j')
    expect(feed.liveBufferCount).toBe(3)
    catchUp(feed)
    expect([taken.join(''), feed.live]).toEqual(['abcdefghij', true])
    expect(source.reads.length).toBeGreaterThan(0)
  })

  it('reads everything where there is no live buffer', () => {
    const feed = feedOf({ live: true, liveBufferSize: 0 })
    happen(feed, 'a', 'b', 'c', 'd', 'e', 'f', 'g')
    expect(feed.liveBufferCount).toBe(0)
    catchUp(feed)
    expect([taken.join(''), feed.live]).toEqual(['abcdefg', true])
  })

  it('does not lose what the source no longer shows', () => {
    const feed = feedOf({ live: true })
    happen(feed, 'a', 'b', 'c', 'd', 'e', 'f')
    source.events.length = 0
    catchUp(feed)
    expect([taken.join(''), feed.live]).toEqual(['abcdef', true])
  })
})

describe('events that a group does not want', () => {
  it('are passed over as they come, and take no room', () => {
    const feed = feedOf({ live: true })
    happen(feed, 'a', 'b', 'c', 'd', '-', '-')
    expect([passed, feed.live, feed.liveBufferCount]).toEqual([[4, 5], true, 0])
  })

  it('count with the live event before them, once that is taken', () => {
    const feed = feedOf({ live: true })
    happen(feed, 'a', 'b', 'c', 'd', 'e', '-', '-')
    expect(passed).toEqual([])
    catchUp(feed)
    expect([taken.join(''), passed]).toEqual(['abcde', [6]])
  })

  it('are no known events', () => {
    const feed = feedOf({ live: true })
    expect(feed.known).toBeUndefined()
    happen(feed, 'a', '-')
    expect(feed.known).toBe(0)
  })
})
