import { binaryEvent, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted } from './server.ts'
import { visitor, wordsIn } from './web-visits.ts'

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

describe('what is hostile stays text', () => {
  it('in names, types, keys, values and ids', async () => {
    const hostile = '"><script>alert(1)</script><img src=x onerror=alert(2)>\''
    const stream = `${newStream()}${hostile}`
    await client.appendToStream(stream, [
      jsonEvent({
        type: hostile,
        data: { [hostile]: hostile },
        metadata: { $correlationId: hostile, $causationId: '\ud800' },
      }),
      binaryEvent({ type: 'B', data: Buffer.from(hostile) }),
      binaryEvent({ type: '$>', data: Buffer.from(`0@${hostile}`) }),
      binaryEvent({ type: '$@', data: Buffer.from(hostile) }),
    ])
    const name = encodeURIComponent(stream)
    for (const path of [
      '/web/',
      '/web/all',
      `/web/streams/${name}`,
      `/web/event/${name}/0`,
      `/web/metadata/${name}`,
      `/web/streams/${encodeURIComponent(hostile)}`,
    ]) {
      const { text } = await visit(path)
      expect(text).not.toMatch(/<img|<script>|onerror=alert\(2\)>'"/u)
      expect(text).toContain('&lt;script&gt;')
    }
  })

  it('and no page may run, load or be framed by anything else', async () => {
    for (const path of ['/web/', '/web/nowhere', '/web/assets/browser.js', `/web/streams/${newStream()}`]) {
      const { headers, text } = await visit(path)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(text).not.toMatch(/ style="| on\w+="|<style|<script(?! type="module" src=)/u)
    }
  })
})

describe('an address that makes no sense is refused in words', () => {
  it.each([
    ['?from=abc', '“abc” is no revision'],
    ['?from=-1', '“-1” is no revision'],
    ['?from=99999999999999999999', 'No revision is as large'],
    ['?direction=up', '“up” is no direction'],
  ])('a stream from %s', async (query, words) => {
    const stream = newStream()
    await client.appendToStream(stream, noted('x'))
    const page = await visit(`${streamPath(stream)}${query}`)
    expect([page.status, wordsIn(page.text).includes(words)]).toEqual([400, true])
  })

  it('a position inside a record', async () => {
    const last = await client.appendToStream(newStream(), noted('x'))
    const position = Number(last.position?.commit)
    expect((await visit(`/web/all?from=${position}`)).status).toBe(200)
    const inside = await visit(`/web/all?from=${position + 1}`)
    expect(inside.status).toBe(400)
    expect(wordsIn(inside.text)).toContain(`No event begins at position ${position + 1}`)
    expect((await visit('/web/all?from=abc')).status).toBe(400)
    expect((await visit('/web/all?system=some')).status).toBe(400)
  })

  it.each([
    ['/web/subscription/none/of-these', 404],
    ['/web/replay/none/of-these', 404],
    ['/web/nowhere', 404],
    ['/web/assets/none.js', 404],
    ['/web/assets/..%2froutes.ts', 404],
    ['/web/event/none/abc', 400],
    ['/web/event/none/0', 404],
    ['/web/raw/none/0/data', 404],
    ['/web/streams', 400],
    ['/web/go?kind=moon&q=x', 400],
    ['/web/cause/x', 400],
  ])('%s', async (path, status) => {
    expect((await visit(path)).status).toBe(status)
  })
})

describe('the files of the pages', () => {
  it('are sent once', async () => {
    const first = await visit('/web/assets/base.css')
    expect([first.status, first.headers.get('content-type')]).toEqual([200, 'text/css; charset=utf-8'])
    const etag = first.headers.get('etag') ?? ''
    const again = await visit('/web/assets/base.css', { headers: { 'if-none-match': `"other", ${etag}` } })
    expect([again.status, again.text]).toEqual([304, ''])
  })

  it('are named for HEAD too', async () => {
    const head = await visit('/web/', { method: 'HEAD' })
    expect([head.status, head.text]).toEqual([200, ''])
  })
})
