import { binaryEvent, jsonEvent, type AppendResult, type EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { enableAll, linksIn, outputIn, projected } from './projecting.ts'
import { newStream, noted, noteOf, startServer, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer({ projections: true })
  client = server.client
  await enableAll(client)
})
afterAll(() => server.stop())

/** A category of its own for each example. */
const newCategory = (): string => newStream('cat').replaceAll('-', '')

const linkTo = (target: string) => binaryEvent({ type: '$>', data: Buffer.from(target) })

const correlated = (metadata: Record<string, unknown>) => jsonEvent({ type: 'Noted', data: {}, metadata })

async function write(stream: string, ...events: Parameters<EventStoreDBClient['appendToStream']>[1][]) {
  let last: AppendResult | undefined
  for (const event of events) last = await client.appendToStream(stream, event)
  if (last === undefined) throw new Error('Nothing was written.')
  await projected(client, last)
  return last
}

describe('$by_category', () => {
  it('links to each event of a category, in the order of the log', async () => {
    const category = newCategory()
    await client.appendToStream(`${category}-1`, noted('a'))
    await client.appendToStream(`${category}-2`, noted('b'))
    await write(`${category}-1`, [noted('c'), noted('d')])
    const links = [`0@${category}-1`, `0@${category}-2`, `1@${category}-1`, `2@${category}-1`]
    expect(await linksIn(client, `$ce-${category}`)).toEqual(links)
    const notes: string[] = []
    for await (const resolved of client.readStream(`$ce-${category}`, { resolveLinkTos: true })) {
      expect(resolved.link?.type).toBe('$>')
      notes.push(noteOf(resolved))
    }
    expect(notes).toEqual(['a', 'b', 'c', 'd'])
  })

  it('says in each link what it is for', async () => {
    const category = newCategory()
    const event = jsonEvent({ type: 'Noted', data: {}, metadata: { $correlationId: 'story' } })
    const { position } = await write(`${category}-1`, event)
    const commit = Number(position?.commit)
    const [link] = await outputIn(client, `$ce-${category}`)
    expect(link?.metadata['$v']).toMatch(/^\d+:-?\d+:\d+:\d+$/u)
    expect(link).toEqual({
      type: '$>',
      data: `0@${category}-1`,
      metadata: {
        $v: link?.metadata['$v'],
        $c: commit,
        $p: commit,
        $o: `${category}-1`,
        $causedBy: event.id,
        $correlationId: 'story',
      },
    })
  })

  it('lets everyone read what it writes', async () => {
    const category = newCategory()
    await write(`${category}-1`, noted('a'))
    const { metadata } = await client.getStreamMetadata(`$ce-${category}`)
    expect(metadata).toEqual({ acl: { readRoles: '$all', metaReadRoles: '$all' } })
  })

  it.each([
    ['the first dash ends the category', (category: string) => `${category}-b-c`, true],
    ['other letters than English ones', (category: string) => `größe${category}-1`, false],
    ['without a dash there is none', (category: string) => category, false],
    ['nor with one at the start', (category: string) => `-${category}`, false],
    ['nor in system streams', (category: string) => `$${category}-1`, false],
  ])('%s', async (_, streamOf, isIn) => {
    const category = newCategory()
    const stream = streamOf(category)
    await write(stream, noted('a'))
    expect(await linksIn(client, `$ce-${category}`)).toEqual(isIn ? [`0@${stream}`] : [])
    const expected = stream.startsWith('größe') ? [`0@${stream}`] : []
    expect(await linksIn(client, `$ce-größe${category}`)).toEqual(expected)
    expect(await linksIn(client, '$ce-')).toEqual([])
    expect(await linksIn(client, `$ce-$${category}`)).toEqual([])
  })

  it('copies links, so that they lead to the event itself', async () => {
    const category = newCategory()
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    await write(`${category}-1`, linkTo(`0@${stream}`))
    expect(await linksIn(client, `$ce-${category}`)).toEqual([`0@${stream}`])
    for await (const resolved of client.readStream(`$ce-${category}`, { resolveLinkTos: true }))
      expect(noteOf(resolved)).toBe('a')
  })

  it('tells of deleted streams, by either way of deleting', async () => {
    const category = newCategory()
    await client.appendToStream(`${category}-soft`, noted('a'))
    await client.appendToStream(`${category}-hard`, noted('b'))
    await client.deleteStream(`${category}-soft`)
    await projected(client, await client.tombstoneStream(`${category}-hard`))
    const output = await outputIn(client, `$ce-${category}`)
    expect(output.map(({ data }) => data)).toEqual([
      `0@${category}-soft`,
      `0@${category}-hard`,
      `0@$$${category}-soft`,
      `9223372036854775807@${category}-hard`,
    ])
    expect(output.slice(0, 2).every(({ metadata }) => !('$deleted' in metadata))).toBe(true)
    expect(output.slice(2).map(({ metadata }) => [metadata['$o'], metadata['$deleted']])).toEqual([
      [`${category}-soft`, -1],
      [`${category}-hard`, -1],
    ])
  })

  it('keeps links to events that are gone, and resolves them to nothing', async () => {
    const category = newCategory()
    await client.appendToStream(`${category}-1`, noted('a'))
    await projected(client, await client.tombstoneStream(`${category}-1`))
    const resolved: (string | undefined)[] = []
    for await (const { event, link } of client.readStream(`$ce-${category}`, { resolveLinkTos: true })) {
      expect(link).toBeDefined()
      resolved.push(event?.type)
    }
    expect(resolved).toEqual([undefined, undefined])
  })

  it('passes other metadata over, and the return of a deleted stream as well', async () => {
    const category = newCategory()
    await client.appendToStream(`${category}-1`, noted('a'))
    await client.setStreamMetadata(`${category}-1`, { maxCount: 5 })
    await client.deleteStream(`${category}-1`)
    await write(`${category}-1`, noted('b'))
    expect(await linksIn(client, `$ce-${category}`)).toEqual([
      `0@${category}-1`,
      `1@$$${category}-1`,
      `1@${category}-1`,
    ])
  })
})

describe('$by_event_type', () => {
  it('links to each event of a type', async () => {
    const type = newCategory()
    const streams = [newStream(), newStream()]
    for (const stream of streams) await write(stream, jsonEvent({ type, data: {} }))
    expect(await linksIn(client, `$et-${type}`)).toEqual(streams.map((stream) => `0@${stream}`))
  })

  it('takes metadata of users for events like others', async () => {
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    await projected(client, await client.setStreamMetadata(stream, { maxCount: 5 }))
    expect(await linksIn(client, '$et-$metadata')).toContain(`0@$$${stream}`)
  })

  it('gathers deletions', async () => {
    const [soft, hard] = [newStream(), newStream()]
    await client.appendToStream(soft, noted('a'))
    await client.deleteStream(soft)
    await projected(client, await client.tombstoneStream(hard))
    expect((await linksIn(client, '$et-$deleted')).slice(-2)).toEqual([
      `0@$$${soft}`,
      `9223372036854775807@${hard}`,
    ])
    expect(await linksIn(client, '$et-$metadata')).not.toContain(`0@$$${soft}`)
  })

  it('does not count links, its own or others', async () => {
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    await write(newStream(), linkTo(`0@${stream}`))
    expect(await linksIn(client, '$et-$>')).toEqual([])
  })
})

describe('$stream_by_category', () => {
  it('names each stream of a category once', async () => {
    const category = newCategory()
    await client.appendToStream(`${category}-1`, [noted('a'), noted('b')])
    await client.appendToStream(`${category}-2`, noted('c'))
    await client.appendToStream(category, noted('d'))
    await client.setStreamMetadata(`${category}-3`, { maxCount: 1 })
    await write(`${category}-1`, noted('e'))
    const output = await outputIn(client, `$category-${category}`)
    expect(output.map(({ type, data }) => [type, data])).toEqual([
      ['$@', `${category}-1`],
      ['$@', `${category}-2`],
    ])
    expect(Object.keys(output[0]?.metadata ?? {})).toEqual(['$v', '$c', '$p', '$causedBy'])
  })
})

describe('$streams', () => {
  it('links to the first event of each stream', async () => {
    const [one, other, system] = [newStream(), newStream(), `$${newStream()}`]
    await client.appendToStream(one, [noted('a'), noted('b')])
    await client.appendToStream(system, noted('c'))
    await client.setStreamMetadata(one, { maxCount: 5 })
    await client.deleteStream(one)
    await client.appendToStream(one, noted('d'))
    await write(other, noted('e'))
    expect((await linksIn(client, '$streams')).slice(-2)).toEqual([`0@${one}`, `0@${other}`])
  })
})

describe('$by_correlation_id', () => {
  it('links to the events that have one in their metadata', async () => {
    const correlation = newStream('story')
    const stream = newStream()
    const before = Date.now()
    await client.appendToStream(stream, [correlated({ $correlationId: correlation }), correlated({})])
    const binary = binaryEvent({
      type: 'Noted',
      data: Buffer.from([1]),
      metadata: Buffer.from(JSON.stringify({ $correlationId: correlation })),
    })
    await write(stream, binary)
    const output = await outputIn(client, `$bc-${correlation}`)
    expect(output.map(({ type, data }) => [type, data])).toEqual([
      ['$>', `0@${stream}`],
      ['$>', `2@${stream}`],
    ])
    expect(output[0]?.metadata['$correlationId']).toBe(correlation)
    expect(Date.parse(String(output[0]?.metadata['$eventTimestamp']))).toBeGreaterThanOrEqual(before - 1)
  })

  it.each([
    ['none', correlated({ other: 'x' })],
    ['an empty one', correlated({ $correlationId: '' })],
    ['a number', correlated({ $correlationId: 42 })],
    ['nothing', correlated({ $correlationId: null })],
    ['an object', correlated({ $correlationId: { id: 'x' } })],
    ['a list as metadata', jsonEvent({ type: 'Noted', data: {}, metadata: ['$correlationId'] })],
    [
      'metadata that is no JSON',
      binaryEvent({ type: 'Noted', data: Buffer.from([1]), metadata: Buffer.from('{"$correlationId":') }),
    ],
  ])('passes over what has %s, and goes on', async (_, event) => {
    const category = newCategory()
    const correlation = newStream('story')
    await write(`${category}-1`, event, correlated({ $correlationId: correlation }))
    expect(await linksIn(client, `$bc-${correlation}`)).toEqual([`1@${category}-1`])
    for (const wrong of ['', '42', 'null', 'undefined', '[object Object]'])
      expect(await linksIn(client, `$bc-${wrong}`)).toEqual([])
    // The others don't mind.
    const links = await outputIn(client, `$ce-${category}`)
    expect(links.map(({ data }) => data)).toEqual([`0@${category}-1`, `1@${category}-1`])
    expect(links[0]?.metadata).not.toHaveProperty('$correlationId')
  })

  it('copies links like $by_category', async () => {
    const correlation = newStream('story')
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    const metadata = Buffer.from(JSON.stringify({ $correlationId: correlation }))
    await write(newStream(), binaryEvent({ type: '$>', data: Buffer.from(`0@${stream}`), metadata }))
    expect(await linksIn(client, `$bc-${correlation}`)).toEqual([`0@${stream}`])
  })
})

it('projections leave what projections write alone', async () => {
  const last = await write(newStream(), correlated({ $correlationId: newStream('story') }))
  await projected(client, last)
  for await (const { event } of client.readAll())
    expect(event?.streamId).not.toMatch(/^\$(?:ce|et|category)-(?:\$(?!metadata|deleted)|$)/u)
})
