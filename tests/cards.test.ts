import { EventStoreDBClient } from '@eventstore/db-client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpClient } from '../client/http.ts'
import { crowd } from '../demo/crowd.ts'
import { randomOf } from '../embedded/random.ts'
import { clientOf } from '../embedded/stripe/behaviour/server.ts'
import { controlOf } from '../embedded/stripe/control/control.ts'
import { defaultKey, defaultPublishableKey } from '../embedded/stripe/defaults.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { differences, processorBooks, shopBooks } from './cardBooks.ts'
import { behave } from './cardCustomer.ts'
import type { Experience } from './cardCustomer.ts'
import { behaviours, cardPlans } from './cardPlans.ts'
import { checkPromises, wholeLog } from './promises.ts'
import { startAnotherApi } from './startAnotherApi.ts'

const ORDERS = Number(process.env['CARD_ORDERS'] || 2_000)
const SEED = Number(process.env['CARD_SEED'] || 20_261_121)
const CUSTOMERS_AT_A_TIME = 24
/** Longer than it takes to ask for a payment, even on a busy machine; nobody waits for it long. */
const HASTE = '4s'

let dataDir: string
let system: System
let hasty: Awaited<ReturnType<typeof startAnotherApi>>
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-'))
  system = await startSystem({ dataDir, env: { ...process.env, LOG_LEVEL: 'error' } })
  hasty = await startAnotherApi(system, dataDir, { ORDER_PAYMENT_TIMEOUT: HASTE })
}, 60_000)
afterAll(async () => {
  await hasty.stop()
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

test(
  `${ORDERS} orders are paid by card, each at most once, whatever the processor and the network do (seed ${SEED})`,
  { timeout: 300_000 },
  async () => {
    const { addresses } = system
    const [api, hastyApi] = [addresses.graphql, hasty.url].map((url) => httpClient(url, CUSTOMERS_AT_A_TIME))
    if (!api || !hastyApi) throw new Error('there are two of them')
    const browser = clientOf(addresses.stripe, defaultPublishableKey, { maxNetworkRetries: 4 })
    const dashboard = clientOf(addresses.stripe, defaultKey, { maxNetworkRetries: 4 })
    const control = controlOf(addresses.stripe, defaultKey)
    await control.misbehave({
      seed: SEED,
      duplicate: 0.3,
      delay: { share: 0.3, upTo: 2_000 },
      reorder: 200,
      tamper: 0.15,
      withhold: 0.02,
    })
    await control.disturb({
      seed: SEED,
      rules: [
        { do: 'lose', method: 'POST', share: 0.04 },
        { do: 'fail', method: 'POST', share: 0.02 },
        { do: 'late', method: 'POST', share: 0.02, ms: 300 },
      ],
    })

    const shop = { api, hastyApi, browser, bank: control }
    const experiences: Experience[] = []
    await crowd(cardPlans(randomOf(SEED), ORDERS), CUSTOMERS_AT_A_TIME, async (plan) => {
      experiences.push(await behave(shop, plan))
    })
    await control.disturb({})
    await control.misbehave({})

    // What was withheld comes when everybody has long forgotten it.
    expect(await control.release()).toBeGreaterThan(ORDERS / 100)
    await expect
      .poll(control.webhooks, { timeout: 60_000 })
      .toMatchObject({ waiting: 0, withheld: 0, inFlight: 0 })

    const reader = EventStoreDBClient.connectionString(addresses.eventstore)
    const books = async () => {
      const shop = shopBooks(await wholeLog(reader))
      const { orders, declines } = await processorBooks(dashboard)
      return { shop, processor: orders, declines }
    }
    let settled: Awaited<ReturnType<typeof books>> | undefined
    const unsettled = async () => {
      const { shop, processor } = (settled = await books())
      const open = [...shop].flatMap(([id, { status }]) => (status === 'OPEN' ? [`${id} is open`] : []))
      return [...open, ...differences(shop, processor)]
    }
    await expect.poll(unsettled, { timeout: 60_000, interval: 1_000 }).toEqual([])

    const { shop: ours, declines } = settled ?? (await books())
    expect(ours.size).toBe(ORDERS)
    for (const experience of experiences) expect(outcomeOf(experience, ours)).toEqual(right(experience))
    await itWasNotAllFineWeather(experiences, ours, declines)

    const mongo = await new MongoClient(addresses.mongodb).connect()
    await checkPromises(reader, mongo.db('counterfoil'))
    await mongo.close()
    await reader.dispose()
    await api.close()
    await hastyApi.close()
  },
)

type Books = ReturnType<typeof shopBooks>

const outcomeOf = ({ orderId }: Experience, books: Books) => {
  const { status, charged, refunded, charges } = books.get(orderId) ?? {}
  return { orderId, status, charged, refunded, charges }
}

/** What has to be, for what the customer did and was told. */
const right = ({ orderId, amount, behaviour, wasCharged, wasCancelled }: Experience) => {
  const paid = { orderId, status: 'PAID', charged: amount, refunded: 0, charges: 1 }
  const unpaid = { orderId, status: 'CANCELLED', charged: 0, refunded: 0, charges: 0 }
  const givenBack = { ...unpaid, charged: amount, refunded: amount, charges: 1 }
  switch (behaviour) {
    case 'never asks to pay':
    case 'never pays':
      return unpaid
    case 'cancels while paying':
    case 'cancels after paying':
      if (!wasCharged) return unpaid
      return wasCancelled ? givenBack : paid
    default:
      return paid
  }
}

/** All that was to be tried has been tried. */
const itWasNotAllFineWeather = async (
  experiences: readonly Experience[],
  books: Books,
  declines: number,
): Promise<void> => {
  const control = controlOf(system.addresses.stripe, defaultKey)
  for (const behaviour of behaviours)
    expect(experiences.filter((one) => one.behaviour === behaviour).length, behaviour).toBeGreaterThan(0)
  const { tampered, copies, failed, givenUp } = await control.webhooks()
  // Nobody has believed any, and nobody has mistaken a true one.
  expect(Object.keys(tampered)).toEqual(['400'])
  expect(tampered['400']).toBeGreaterThan(ORDERS / 4)
  expect(copies).toBeGreaterThan(ORDERS / 2)
  expect(Object.keys(failed).filter((status) => Number(status) >= 400 && Number(status) < 500)).toEqual([])
  expect(givenUp).toBe(0)
  const { lose, fail, late } = await control.troubled()
  expect(Math.min(lose, fail, late)).toBeGreaterThan(ORDERS / 100)
  const givenBack = [...books.values()].filter(({ refunded }) => refunded > 0)
  expect(givenBack.length).toBeGreaterThan(ORDERS / 100)
  expect(declines).toBeGreaterThan(ORDERS / 20)
}
