import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import {
  ANY,
  FORWARDS,
  NO_STREAM,
  persistentSubscriptionToAllSettingsFromDefaults,
  START,
} from '@eventstore/db-client'

import { cpuShares } from '../../../bench/cpu.ts'
import { benchmarkEvent } from './benchmark-event.ts'
import { clientOf, type Server } from './servers.ts'

export interface Measured {
  readonly perSecond: number
  /** CPU of the server for one of what is counted, in microseconds. */
  readonly cpuMicros: number
}

/** Counts while `work` is going on; `done` says how many so far. */
async function measure(server: Server, seconds: number, done: () => number): Promise<Measured> {
  const cpu = cpuShares({ server: server.pid })
  const [before, begun] = [done(), performance.now()]
  await delay(seconds * 1000)
  return measured(done() - before, performance.now() - begun, cpu.share()['server'] ?? 0)
}

function measured(count: number, elapsedMs: number, cpuPercent: number): Measured {
  const perSecond = (count / elapsedMs) * 1000
  return { perSecond, cpuMicros: ((cpuPercent / 100) * 1_000_000) / perSecond }
}

const warmUpMs = 2000

/** Appends of one event, each to a new stream, so many at a time. */
export async function appends(server: Server, inFlight: number, seconds: number): Promise<Measured> {
  const client = clientOf(server)
  const running = new AbortController()
  let count = 0
  const appender = async (): Promise<void> => {
    while (!running.signal.aborted) {
      await client.appendToStream(`order-${randomUUID()}`, benchmarkEvent(), { expectedRevision: NO_STREAM })
      count += 1
    }
  }
  const working = Promise.all(Array.from({ length: inFlight }, appender))
  await Promise.race([working, delay(warmUpMs)])
  const result = await Promise.race([measure(server, seconds, () => count), failed(working)])
  running.abort()
  await working
  await client.dispose()
  return result
}

/** Work that goes on until it is told to stop can only fail before. */
async function failed(working: Promise<unknown>): Promise<never> {
  await working
  throw new Error('The work ended by itself.')
}

/** Fills a server with so many events, a hundred in one append and as many appends at a time. */
export async function fill(server: Server, events: number): Promise<void> {
  const client = clientOf(server)
  const perAppend = 100
  let left = Math.ceil(events / perAppend)
  const appender = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      const batch = Array.from({ length: perAppend }, benchmarkEvent)
      await client.appendToStream(`order-${left % 20_000}`, batch, { expectedRevision: ANY })
    }
  }
  await Promise.all(Array.from({ length: 32 }, appender))
  await client.dispose()
}

/** Reads so many events forwards from the start of `$all`. */
export async function reads(server: Server, events: number): Promise<Measured> {
  const client = clientOf(server)
  const once = async (maxCount: number): Promise<number> => {
    let count = 0
    for await (const resolved of client.readAll({ fromPosition: START, direction: FORWARDS, maxCount }))
      if (resolved.event !== undefined) count += 1
    return count
  }
  await once(Math.min(events, 50_000))
  const cpu = cpuShares({ server: server.pid })
  const begun = performance.now()
  const count = await once(events)
  const result = measured(count, performance.now() - begun, cpu.share()['server'] ?? 0)
  await client.dispose()
  return result
}

/** Events that a catch-up subscription to `$all` is handed, from the start on. */
export async function catchUp(server: Server, events: number): Promise<Measured> {
  const client = clientOf(server)
  const subscription = client.subscribeToAll({ fromPosition: START })
  const cpu = cpuShares({ server: server.pid })
  const begun = performance.now()
  let count = 0
  for await (const resolved of subscription) {
    if (resolved.event !== undefined) count += 1
    if (count === events) break
  }
  const result = measured(count, performance.now() - begun, cpu.share()['server'] ?? 0)
  await subscription.unsubscribe()
  await client.dispose()
  return result
}

/** Events that a persistent subscription to `$all` hands to one consumer that acks each. */
export async function roundTrips(server: Server, bufferSize: number, events: number): Promise<Measured> {
  const client = clientOf(server)
  const group = `bench-${randomUUID()}`
  await client.createPersistentSubscriptionToAll(
    group,
    persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START }),
  )
  const subscription = client.subscribeToPersistentSubscriptionToAll(group, { bufferSize })
  const cpu = cpuShares({ server: server.pid })
  const begun = performance.now()
  let count = 0
  for await (const resolved of subscription) {
    await subscription.ack(resolved)
    count += 1
    if (count === events) break
  }
  const result = measured(count, performance.now() - begun, cpu.share()['server'] ?? 0)
  await subscription.unsubscribe()
  await client.dispose()
  return result
}
