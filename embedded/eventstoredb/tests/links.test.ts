import { binaryEvent, streamNameFilter, type ResolvedEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { endOfAll, newStream, noted, noteOf, range, startServer, take, until, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const linkTo = (target: string) => binaryEvent({ type: '$>', data: Buffer.from(target) })

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await server.client.appendToStream(stream, range(0, count).map(String).map(noted))
  return stream
}

async function linksTo(...targets: string[]): Promise<string> {
  const links = newStream('links')
  await server.client.appendToStream(links, targets.map(linkTo))
  return links
}

/** What a link leads to, or that it leads nowhere. */
const seen = (resolved: ResolvedEvent): string =>
  resolved.event === undefined && resolved.link !== undefined ? 'nowhere' : noteOf(resolved)

async function follow(links: string): Promise<string[]> {
  const found: string[] = []
  for await (const resolved of server.client.readStream(links, { resolveLinkTos: true })) {
    found.push(seen(resolved))
  }
  return found
}

describe('a link', () => {
  it('leads to an event of another stream, and comes with it', async () => {
    const stream = await streamOf(3)
    const links = await linksTo(`2@${stream}`)
    for await (const { event, link, commitPosition } of server.client.readStream(links, {
      resolveLinkTos: true,
    })) {
      expect(event).toMatchObject({ streamId: stream, revision: 2n, type: 'Noted' })
      expect(link).toMatchObject({ streamId: links, revision: 0n, type: '$>' })
      // The place is that of the link, and each of both has its own.
      expect(commitPosition).toBe(link?.position?.commit)
      expect(event?.position?.commit).toBeLessThan(link?.position?.commit ?? 0n)
    }
  })

  it('is an event like any other for who does not want it resolved', async () => {
    const links = await linksTo(`0@${await streamOf(1)}`)
    for await (const { event, link } of server.client.readStream(links)) {
      expect(event).toMatchObject({ streamId: links, type: '$>' })
      expect(link).toBeUndefined()
    }
  })

  it('may lead to a stream with the sign in its name', async () => {
    const stream = `${newStream()}@home@2`
    await server.client.appendToStream(stream, noted('a'))
    expect(await follow(await linksTo(`0@${stream}`))).toEqual(['a'])
  })

  it('is followed once: a link to a link leads to the link', async () => {
    const stream = await streamOf(1)
    const first = await linksTo(`0@${stream}`)
    expect(await follow(await linksTo(`0@${first}`))).toEqual(['($>)'])
  })

  it('that leads nowhere is there all the same', async () => {
    const [short, cut, counted, gone, tombstoned] = await Promise.all(range(0, 5).map(() => streamOf(3)))
    if (!short || !cut || !counted || !gone || !tombstoned) throw new Error('There are five streams.')
    await server.client.setStreamMetadata(cut, { truncateBefore: 2 })
    await server.client.setStreamMetadata(counted, { maxCount: 1 })
    await server.client.deleteStream(gone)
    await server.client.tombstoneStream(tombstoned)
    const links = await linksTo(
      `0@${newStream()}`,
      `3@${short}`,
      `2@${short}`,
      `1@${cut}`,
      `2@${cut}`,
      `1@${counted}`,
      `2@${counted}`,
      `2@${gone}`,
      `2@${tombstoned}`,
      `9223372036854775807@${tombstoned}`,
      'nonsense',
      `@${short}`,
      `0x1@${short}`,
      `-1@${short}`,
      '0@',
      '',
    )
    expect(await follow(links)).toEqual([
      'nowhere',
      'nowhere',
      '2',
      'nowhere',
      '2',
      'nowhere',
      '2',
      ...range(0, 9).map(() => 'nowhere'),
    ])
  })

  it('leads nowhere once its target is too old', async () => {
    const stream = await streamOf(1)
    const links = await linksTo(`0@${stream}`)
    expect(await follow(links)).toEqual(['0'])
    await server.client.setStreamMetadata(stream, { maxAge: 1 })
    await until(async () => (await follow(links))[0] === 'nowhere', 'the target is too old')
  })

  it('leads to the latest metadata of a stream, and to none before', async () => {
    const stream = await streamOf(1)
    await server.client.setStreamMetadata(stream, { maxCount: 5 })
    await server.client.setStreamMetadata(stream, { maxCount: 6 })
    expect(await follow(await linksTo(`0@$$${stream}`, `1@$$${stream}`))).toEqual(['nowhere', '($metadata)'])
  })
})

describe('links are resolved', () => {
  it('in $all, where filters look at the link', async () => {
    const fromPosition = await endOfAll(server.client)
    const stream = await streamOf(1)
    const links = await linksTo(`0@${stream}`, `7@${stream}`)
    const subscription = server.client.subscribeToAll({
      fromPosition,
      resolveLinkTos: true,
      filter: streamNameFilter({ prefixes: [links] }),
    })
    expect((await take(subscription, 2)).map(seen)).toEqual(['0', 'nowhere'])
    const found: string[] = []
    for await (const resolved of server.client.readAll({ fromPosition, resolveLinkTos: true })) {
      if (resolved.link?.streamId === links) found.push(seen(resolved))
    }
    expect(found).toEqual(['0', 'nowhere'])
  })

  it('in subscriptions, as they come', async () => {
    const stream = await streamOf(1)
    const links = await linksTo(`0@${stream}`)
    const taken = take(server.client.subscribeToStream(links, { resolveLinkTos: true }), 3)
    await server.client.appendToStream(links, [linkTo(`1@${stream}`), linkTo(`0@${stream}`)])
    expect((await taken).map(seen)).toEqual(['0', 'nowhere', '0'])
  })
})
