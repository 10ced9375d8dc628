import type { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted, range, until } from './server.ts'
import { feedIn, originOf, revisionsIn, visitor, wordsIn } from './web-visits.ts'

let node: EventStoreDBNode
let client: EventStoreDBClient
let visit: ReturnType<typeof visitor>
beforeAll(async () => {
  // Links to each event would be in the way of counting events.
  node = await EventStoreDBNode.start({ projections: false })
  client = connect(node.connectionString)
  visit = visitor(node)
})
afterAll(async () => {
  void client.dispose()
  await node.stop()
})

interface Message {
  readonly event: string
  readonly data: string
  readonly id: string
}

/** What a feed has said so far, and its end. */
class Listener {
  readonly messages: Message[] = []
  readonly #abort = new AbortController()
  ended = false

  static async at(path: string, headers: Record<string, string> = {}, server = node): Promise<Listener> {
    const listener = new Listener()
    const response = await fetch(originOf(server) + path, { headers, signal: listener.#abort.signal })
    if (response.status !== 200 || response.body === null) throw new Error(`${response.status}`)
    void listener.#read(response.body)
    return listener
  }

  get rows(): number[] {
    const text = this.messages.map(({ data }) => data).join('\n')
    return revisionsIn({ text })
  }

  of(event: string): Message[] {
    return this.messages.filter((message) => message.event === event)
  }

  leave(): void {
    this.#abort.abort()
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let text = ''
    try {
      const decoder = new TextDecoder()
      for await (const chunk of body) {
        const blocks = (text + decoder.decode(chunk, { stream: true })).split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error
    }
    this.ended = true
  }

  #take(block: string): void {
    const fields = (name: string): string =>
      block
        .split('\n')
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2))
        .join('\n')
    if (fields('event') !== '')
      this.messages.push({ event: fields('event'), data: fields('data'), id: fields('id') })
  }
}

const feedOf = async (path: string): Promise<string> => feedIn(await visit(path))

const append = (stream: string, count: number) =>
  client.appendToStream(
    stream,
    range(0, count).map(() => noted('x')),
  )

describe('a feed of a stream', () => {
  it('begins where its page ends, and goes on for who comes back', async () => {
    const stream = newStream()
    await append(stream, 2)
    const path = await feedOf(`/web/streams/${stream}`)
    await append(stream, 1)
    const first = await Listener.at(path)
    await append(stream, 1)
    await until(() => first.rows.length === 2, 'both have come')
    expect(first.rows).toEqual([2, 3])
    first.leave()
    await append(stream, 2)
    const second = await Listener.at(path, { 'last-event-id': first.messages.at(-1)?.id ?? '' })
    await until(() => second.rows.length === 2, 'the others have come')
    expect(second.rows).toEqual([4, 5])
    second.leave()
  })

  it('says what it leaves out to who is far behind', async () => {
    const stream = newStream()
    const path = await feedOf(`/web/streams/${stream}`)
    await append(stream, 1200)
    const listener = await Listener.at(path)
    await until(() => listener.rows.length === 50, 'the newest have come')
    expect(listener.rows).toEqual(range(1150, 50))
    const [gap] = listener.of('gap')
    expect(wordsIn(gap?.data ?? '')).toContain('1,150 events came meanwhile.')
    const missed = /href="([^"]*)"/u.exec(gap?.data ?? '')?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(revisionsIn(await visit(missed))).toEqual(range(0, 20))
    listener.leave()
  })

  it('tells of deletions, and ends with a tombstone', async () => {
    const stream = newStream()
    await append(stream, 1)
    const listener = await Listener.at(await feedOf(`/web/streams/${stream}`))
    await client.deleteStream(stream)
    await until(() => listener.of('state').length === 1, 'the deletion has come')
    await append(stream, 1)
    await until(() => listener.rows.length === 1, 'the stream lives again')
    expect(listener.of('state').map(({ data }) => data)).toEqual(['The stream was deleted.', ''])
    await client.tombstoneStream(stream)
    await until(() => listener.ended, 'it has ended')
    expect(listener.messages.at(-1)).toMatchObject({
      event: 'over',
      data: 'The stream was deleted for good.',
    })
  })

  it('goes past events that are truncated before they come', async () => {
    const stream = newStream()
    await append(stream, 1)
    const path = await feedOf(`/web/streams/${stream}`)
    await append(stream, 3)
    await client.setStreamMetadata(stream, { truncateBefore: 4 })
    const listener = await Listener.at(path)
    await append(stream, 1)
    await until(() => listener.rows.length > 0, 'the next has come')
    expect(listener.rows).toEqual([4])
    listener.leave()
  })
})

describe('a feed of $all', () => {
  it('knows where it is also by what it does not show', async () => {
    const path = await feedOf('/web/all?system=hide')
    const stream = newStream()
    const first = await Listener.at(path)
    await client.setStreamMetadata(stream, { maxCount: 3 })
    await until(() => first.of('at').length > 0, 'something was passed over')
    expect(first.rows).toEqual([])
    first.leave()
    await append(stream, 2)
    const second = await Listener.at(path, { 'last-event-id': first.messages.at(-1)?.id ?? '' })
    await until(() => second.rows.length === 2, 'the events have come')
    expect(second.rows).toEqual([0, 1])
    second.leave()
  })

  it('says what it leaves out to who is far behind', async () => {
    const stream = newStream()
    const path = await feedOf('/web/all?system=hide')
    await append(stream, 1200)
    const listener = await Listener.at(path)
    await until(() => listener.rows.includes(1199), 'the newest has come')
    const [gap] = listener.of('gap')
    const missed = /href="([^"]*)"/u.exec(gap?.data ?? '')?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(revisionsIn(await visit(missed))).toEqual(range(0, 20))
    listener.leave()
  })
})

it('only tells what it is like to who asks no more than that', async () => {
  const head = await visit(await feedOf('/web/all'), { method: 'HEAD' })
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
})

describe('a feed is refused', () => {
  it.each(['log=x', 'cursor=3', 'log=x&cursor=abc', ''])(
    'to a page that says no more than “%s”',
    async (query) => {
      expect((await visit(`/web/live/stream/some?${query}`)).status).toBe(400)
      expect((await visit(`/web/live/all?${query}`)).status).toBe(400)
    },
  )

  it('to a page of another log, which need not come back', async () => {
    const cursors = ['log=another&cursor=0']
    const path = await feedOf('/web/all')
    cursors.push(path.slice(path.indexOf('?') + 1).replace(/cursor=\d+/u, 'cursor=99999999999'))
    for (const query of cursors) {
      for (const feed of ['/web/live/all', `/web/live/stream/${newStream()}`]) {
        const listener = await Listener.at(`${feed}?${query}`)
        await until(() => listener.ended, 'it has ended')
        expect(listener.messages).toEqual([
          { event: 'over', data: 'The node has another database now: reload the page.', id: '' },
        ])
      }
    }
  })

  it('when too many follow, until others leave', async () => {
    const other = await EventStoreDBNode.start()
    const look = visitor(other)
    const path = feedIn(await look('/web/all'))
    const listeners = await Promise.all(range(0, 256).map(() => Listener.at(path, {}, other)))
    expect((await look(path)).status).toBe(503)
    for (const listener of listeners) listener.leave()
    await until(async () => {
      const one = await Listener.at(path, {}, other).catch(() => undefined)
      one?.leave()
      return one !== undefined
    }, 'there is room again')
    await other.stop()
  })
})

it('a node that stops lets its followers go at once', async () => {
  const other = await EventStoreDBNode.start()
  const response = await fetch(originOf(other) + feedIn(await visitor(other)('/web/all')))
  const stopping = other.stop()
  expect(await response.text()).toContain('retry: 1000')
  await stopping
})
