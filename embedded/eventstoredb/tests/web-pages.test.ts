import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted, range } from './server.ts'
import { findLink, linkIn, positionsIn, revisionsIn, visitor, wordsIn, type Visited } from './web-visits.ts'

let node: EventStoreDBNode
let client: EventStoreDBClient
let visit: ReturnType<typeof visitor>
beforeAll(async () => {
  node = await EventStoreDBNode.start()
  client = connect(node.connectionString)
  visit = visitor(node)
})
afterAll(async () => {
  void client.dispose()
  await node.stop()
})

const streamPath = (stream: string): string => `/web/streams/${encodeURIComponent(stream)}`

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await client.appendToStream(
    stream,
    range(0, count).map((number) => noted(`note ${number}`)),
  )
  return stream
}

const down = (from: number, to: number): number[] => range(to, from - to + 1).toReversed()

describe('a stream has a page', () => {
  it('with its newest events first, twenty at a time, and ways to all others', async () => {
    const stream = await streamOf(50)
    const newest = await visit(streamPath(stream))
    expect(newest.status).toBe(200)
    expect(revisionsIn(newest)).toEqual(down(49, 30))
    const older = await visit(linkIn(newest, 'Older'))
    expect(revisionsIn(older)).toEqual(down(29, 10))
    expect(revisionsIn(await visit(linkIn(older, 'Newer')))).toEqual(down(49, 30))
    const oldest = await visit(linkIn(newest, 'Oldest'))
    expect(revisionsIn(oldest)).toEqual(down(19, 0))
    expect(findLink(oldest, 'Older')).toBeUndefined()
    expect(revisionsIn(await visit(linkIn(oldest, 'Newest')))).toEqual(down(49, 30))
  })

  it('that can be turned around', async () => {
    const stream = await streamOf(50)
    const oldest = await visit(linkIn(await visit(streamPath(stream)), 'Oldest first'))
    expect(revisionsIn(oldest)).toEqual(range(0, 20))
    const newer = await visit(linkIn(oldest, 'Newer'))
    expect(revisionsIn(newer)).toEqual(range(20, 20))
    expect(revisionsIn(await visit(linkIn(newer, 'Older')))).toEqual(range(0, 20))
    expect(revisionsIn(await visit(linkIn(oldest, 'Newest')))).toEqual(range(30, 20))
  })

  it('at any revision, or says which there are', async () => {
    const stream = await streamOf(50)
    expect(revisionsIn(await visit(`${streamPath(stream)}?from=7`))).toEqual(down(7, 0))
    expect(revisionsIn(await visit(`${streamPath(stream)}?from=7&direction=forwards`))).toEqual(range(7, 20))
    expect(revisionsIn(await visit(`${streamPath(stream)}?from=900`))).toEqual(down(49, 30))
    const beyond = await visit(`${streamPath(stream)}?from=900&direction=forwards`)
    expect(wordsIn(beyond.text)).toContain('There is no event 900 yet: the last is 49.')
    expect(revisionsIn(await visit(linkIn(beyond, 'Older')))).toEqual(range(30, 20))
  })

  it('that stays within what its metadata leaves to see', async () => {
    const stream = await streamOf(50)
    await client.setStreamMetadata(stream, { maxCount: 15, truncateBefore: 40 })
    const page = await visit(streamPath(stream))
    expect(revisionsIn(page)).toEqual(down(49, 40))
    expect(wordsIn(page.text)).toContain('10 events, 40 to 49; 40 older ones are hidden by its metadata .')
    const hidden = await visit(`${streamPath(stream)}?from=3`)
    expect(hidden.status).toBe(200)
    expect(wordsIn(hidden.text)).toContain('Event 3 is hidden: the first to see is 40.')
    const alone = await visit(`/web/event/${stream}/3`)
    expect(alone.status).toBe(404)
    expect(wordsIn(alone.text)).toContain('the first to see is 40')
  })

  it('whatever its name is', async () => {
    for (const name of ['a/b', 'a%2Fb', '..', '.', 'ü ?#&+"<b>', ' spaces ', 'x'.repeat(3000)]) {
      await client.appendToStream(name, noted('here'))
      const found = await visit(`/web/go?${new URLSearchParams({ kind: 'stream', q: name })}`)
      expect(found.status).toBe(303)
      const page = await visit(found.headers.get('location') ?? '')
      expect([page.status, wordsIn(page.text).includes('"here"')]).toEqual([200, true])
      const alone = await visit(linkIn(page, '0'))
      expect([alone.status, wordsIn(alone.text).includes('"here"')]).toEqual([200, true])
    }
  })
})

describe('where there is nothing to see', () => {
  it('of a stream that never was, the page says so', async () => {
    const page = await visit(streamPath(newStream()))
    expect(page.status).toBe(404)
    expect(wordsIn(page.text)).toContain('There is no stream of this name yet.')
    const projected = await visit(streamPath(`$ce-${newStream('none').replaceAll('-', '')}`))
    expect(wordsIn(projected.text)).toContain('written by the projection $by_category')
  })

  it('of a deleted stream, the page says how it was deleted', async () => {
    const [soft, hard] = [await streamOf(1), await streamOf(1)]
    await client.deleteStream(soft)
    await client.tombstoneStream(hard)
    const deleted = await visit(streamPath(soft))
    expect(deleted.status).toBe(404)
    expect(wordsIn(deleted.text)).toContain('This stream was deleted. It begins anew')
    const gone = await visit(streamPath(hard))
    expect(gone.status).toBe(410)
    expect(wordsIn(gone.text)).toContain('deleted for good')
    expect((await visit(`/web/event/${soft}/0`)).status).toBe(404)
    expect((await visit(`/web/event/${hard}/0`)).status).toBe(410)
    expect((await visit(`/web/metadata/${hard}`)).status).toBe(410)
  })

  it('because all of it is truncated, the page says so', async () => {
    const stream = await streamOf(3)
    await client.setStreamMetadata(stream, { truncateBefore: 3 })
    const page = await visit(streamPath(stream))
    expect(page.status).toBe(200)
    expect(wordsIn(page.text)).toContain('hides all of its 3 events')
  })
})

describe('metadata is told in words', () => {
  it('as the node understands it', async () => {
    const stream = await streamOf(1)
    await client.setStreamMetadata(stream, {
      maxCount: 10,
      maxAge: 7200,
      acl: {
        readRoles: ['$all'],
        writeRoles: ['alice', '$admins'],
        deleteRoles: [],
        metaReadRoles: [],
        metaWriteRoles: [],
      },
      owner: 'finance',
    })
    const page = await visit(`/web/metadata/${stream}`)
    const words = wordsIn(page.text)
    expect(words).toContain('$maxCount Keeps the newest 10 events.')
    expect(words).toContain('$maxAge Keeps events for 2 hours.')
    expect(words).toContain('$r Read events: everyone ($all)')
    expect(words).toContain('$w Write events: alice, administrators ($admins)')
    expect(words).toContain('"owner" : "finance"')
  })

  it('also where there is none', async () => {
    const page = await visit(`/web/metadata/${await streamOf(1)}`)
    expect(page.status).toBe(200)
    expect(wordsIn(page.text)).toContain('This stream has no metadata')
  })
})

describe('an event has a page', () => {
  it('with its neighbours, its place in $all and its parts to save', async () => {
    const stream = await streamOf(3)
    const page = await visit(`/web/event/${stream}/1`)
    expect(page.status).toBe(200)
    expect(linkIn(page, 'Previous')).toBe(`/web/event/${stream}/0`)
    expect(linkIn(page, 'Next')).toBe(`/web/event/${stream}/2`)
    const all = await visit(linkIn(page, 'In $all'))
    expect(revisionsIn(all)[0]).toBe(1)
    expect(linkIn(all, stream)).toBe(streamPath(stream))
    const data = await visit(`/web/raw/${stream}/1/data`)
    expect(data.text).toBe('{"note":"note 1"}')
    expect(data.headers.get('content-type')).toBe('application/octet-stream')
    expect(data.headers.get('content-disposition')).toMatch(/^attachment; /u)
  })

  it('that leads to its cause, and to what it caused', async () => {
    const [order, wallet] = [newStream('order'), newStream('wallet')]
    const $correlationId = newStream('correlation')
    const placed = jsonEvent({ type: 'Placed', data: {}, metadata: { $correlationId } })
    const reserved = jsonEvent({
      type: 'Reserved',
      data: {},
      metadata: { $correlationId, $causationId: placed.id },
    })
    await client.appendToStream(order, placed)
    await client.appendToStream(wallet, reserved)
    const effect = await visit(`/web/event/${wallet}/0`)
    const cause = await visit(linkIn(effect, placed.id))
    expect([cause.status, cause.headers.get('location')]).toEqual([303, `/web/event/${order}/0`])
    expect(linkIn(await visit(`/web/event/${order}/0`), `0 of ${wallet}`)).toBe(`/web/event/${wallet}/0`)
    expect(linkIn(effect, $correlationId)).toBe(streamPath(`$bc-${$correlationId}`))
  })

  it('or is said to be nowhere near', async () => {
    const stream = newStream()
    const id = crypto.randomUUID()
    await client.appendToStream(stream, jsonEvent({ type: 'A', data: {}, metadata: { $causationId: id } }))
    const cause = await visit(linkIn(await visit(`/web/event/${stream}/0`), id))
    expect(cause.status).toBe(404)
    expect(wordsIn(cause.text)).toContain(`The event ${id} is neither`)
  })
})

describe('$all has a page', () => {
  it('with the newest events first, with or without those of the system', async () => {
    const stream = await streamOf(30)
    await client.setStreamMetadata(stream, { maxCount: 100 })
    const without = await visit('/web/all?system=hide')
    expect(revisionsIn(without)).toEqual(down(29, 10))
    const older = await visit(linkIn(without, 'Older'))
    expect(revisionsIn(older).slice(0, 10)).toEqual(down(9, 0))
    expect(revisionsIn(await visit(linkIn(older, 'Newer')))).toEqual(down(29, 10))
    const withThem = await visit(linkIn(without, 'Show system events'))
    expect(wordsIn(withThem.text)).toContain('$metadata')
  })

  it('from end to end in both directions, nothing twice and nothing left out', async () => {
    await streamOf(45)
    const walk = async (start: string, onwards: string): Promise<number[]> => {
      const found: number[] = []
      for (let path: string | undefined = start; path !== undefined;) {
        const page: Visited = await visit(path)
        found.push(...positionsIn(page))
        path = findLink(page, onwards)
      }
      return found
    }
    const back = await walk('/web/all', 'Older')
    const on = await walk('/web/all?direction=forwards', 'Newer')
    expect(new Set(back).size).toBe(back.length)
    expect(back.toReversed()).toEqual(on)
    expect(back).toEqual(back.toSorted((a, b) => b - a))
  })
})
