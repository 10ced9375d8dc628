import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import type { Recorded } from './codec.ts'
import { count, counter } from './counter.ts'
import type { Counted } from './counter.ts'
import { Unavailable } from './faults.ts'
import { lossyProxy } from './lossyProxy.ts'
import { begin } from './metadata.ts'
import { FOR_DAYS, runReaction } from './reaction.ts'
import { writerOf } from './transact.ts'
import { startEventStore } from '../tests/startEventStore.ts'

const { node, client } = await startEventStore()

const append = async (id: string, times: number) => {
  const writer = writerOf(counter, { client, now: () => noon, newId: randomUUID })
  for (let n = 0; n < times; n++) await writer.transact(id, count(1), { cause: begin('request', 'somebody') })
}

const running: { stop: () => Promise<void> }[] = []
afterEach(async () => {
  for (const reaction of running.splice(0)) await reaction.stop()
})

interface ReactOptions {
  readonly by?: EventStoreDBClient
  readonly group?: string
  readonly redeliveries?: number
}

/** Runs a handler for one stream's events, in a group of its own unless it is given one. */
const react = (
  id: string,
  handle: (event: Recorded<Counted>) => Promise<unknown>,
  { by = client, group = randomUUID(), redeliveries }: ReactOptions = {},
) => {
  const stopping = new AbortController()
  const seen = { handled: 0, retried: 0, parked: [] as string[], disconnected: 0, connected: 0 }
  const mine = (event: Recorded<Counted>) =>
    event.stream === `counter-${id}` ? handle(event) : Promise.resolve()
  const ended = runReaction(
    { group, codec: counter.codec, handle: mine, ...(redeliveries === undefined ? {} : { redeliveries }) },
    {
      client: by,
      signal: stopping.signal,
      observer: {
        connected: () => seen.connected++,
        handled: () => seen.handled++,
        retried: () => seen.retried++,
        parked: (_, reason) => seen.parked.push(reason),
        disconnected: () => seen.disconnected++,
      },
    },
  )
  const stop = async () => {
    stopping.abort()
    await ended
  }
  running.push({ stop })
  return { group, seen, stop }
}

describe('a reaction', () => {
  it.each([
    ['some ten times, so that what can’t be handled is soon seen', {}, 10],
    ['for days, if it asks somebody else’s service', { redeliveries: FOR_DAYS }, FOR_DAYS],
  ])('is given an event again %s', async (_, more, times) => {
    const { group, seen } = react(randomUUID(), () => Promise.resolve(), more)
    await expect.poll(() => seen.connected).toBe(1)
    const { settings } = await client.getPersistentSubscriptionToAllInfo(group)
    expect(settings.maxRetryCount).toBe(times)
  })

  it('creates its group and handles every event from the beginning of the log, each once', async () => {
    const id = randomUUID()
    await append(id, 30)
    const revisions: number[] = []
    react(id, async ({ revision }) => revisions.push(revision))
    await append(id, 30)
    await expect.poll(() => revisions.length).toBe(60)
    expect(new Set(revisions).size).toBe(60)
  })

  it('goes on after a restart with what was not acknowledged', async () => {
    const id = randomUUID()
    const handled = new Set<number>()
    const first = react(id, async ({ revision }) => handled.add(revision))
    await append(id, 20)
    await expect.poll(() => handled.size).toBe(20)
    await first.stop()
    await append(id, 20)
    react(id, async ({ revision }) => handled.add(revision), { group: first.group })
    await expect.poll(() => handled.size).toBe(40)
  })

  it('delivers again what a consumer had in hand when it was lost', async () => {
    const id = randomUUID()
    const proxy = await lossyProxy(node.port)
    const distant = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${proxy.port}?tls=false`)
    const inHand = Promise.withResolvers<void>()
    const never = Promise.withResolvers<void>()
    const times = new Map<number, number>()
    const { seen } = react(
      id,
      async ({ revision }) => {
        const before = times.get(revision) ?? 0
        times.set(revision, before + 1)
        if (before > 0) return
        inHand.resolve()
        await never.promise
      },
      { by: distant },
    )
    await append(id, 1)
    await inHand.promise
    proxy.cut()
    never.resolve()
    await expect.poll(() => times.get(0), { timeout: 10_000 }).toBe(2)
    expect(seen.disconnected).toBeGreaterThan(0)
    await distant.dispose()
    await proxy.stop()
  })

  it('tries again when something failed in passing', async () => {
    const id = randomUUID()
    let tries = 0
    const { seen } = react(id, async () => {
      if (++tries < 3) throw new Unavailable('the other side is away')
    })
    await append(id, 1)
    await expect.poll(() => tries).toBe(3)
    expect(seen.parked).toEqual([])
  })

  it('parks what it cannot handle, with the reason, and goes on', async () => {
    const id = randomUUID()
    const handled: number[] = []
    const { seen, group } = react(id, async ({ revision }) => {
      if (revision === 1) throw new Error('a defect')
      handled.push(revision)
    })
    await append(id, 3)
    await expect.poll(() => handled.length).toBe(2)
    await expect.poll(() => seen.parked).toEqual(['Error: a defect'])
    await expect.poll(() => parkedReasons(group)).toEqual([expect.stringContaining('a defect')])
  })

  it('parks what it cannot read', async () => {
    const id = randomUUID()
    const { seen } = react(id, async () => {})
    await client.appendToStream(`counter-${id}`, jsonEvent({ type: 'Counted', data: { by: 'one' } }))
    await expect.poll(() => seen.parked).toEqual([expect.stringContaining('UndecodableEvent')])
  })
})

const parkedReasons = async (group: string) => {
  const reasons: unknown[] = []
  try {
    for await (const { link, event } of client.readStream(`$persistentsubscription-$all::${group}-parked`)) {
      const metadata: unknown = (link ?? event)?.metadata
      reasons.push(
        metadata !== null && typeof metadata === 'object' && 'reason' in metadata ? metadata.reason : '',
      )
    }
  } catch {
    return []
  }
  return reasons
}
