import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { startNodes } from '../tests/startNodes.ts'
import { projections } from './all.ts'
import { foldable } from './folder.ts'
import { readModels } from './readModels.ts'
import { readStates } from './state.ts'
import { documentsOf, now, person, placing, readSide } from './underTest.ts'
import { projectUpTo } from './upTo.ts'

describe('a document that MongoDB will never take', () => {
  const side = readSide(startNodes)
  const tooLarge = 'x'.repeat(17_000_000)
  const { orders, wallets } = projections
  const swollen = foldable({
    ...orders,
    apply: (order, event) => {
      const after = orders.apply(order, event)
      return after.price.amount === 666 ? { ...after, description: tooLarge } : after
    },
  })

  it('stops only its projection, at the event that makes it', async () => {
    const running = side.run([swollen, foldable(wallets)])
    const before = await side.placeOrder()
    const bad = placing(person())
    await side.placeOrder({ ...bad, price: { ...bad.price, amount: 666 } })
    const after = await side.openAndFill(person(), 90)
    const models = readModels({ db: side.db() })
    await models.reached(after, 10_000, 'wallets')
    await expect.poll(() => running.stopped, { timeout: 10_000 }).toEqual(['orders'])
    await models.reached(before, 5_000, 'orders')
    await expect
      .poll(async () => (await readStates(side.db())).get('orders'))
      .toMatchObject({ stopped: { stream: `order-${bad.orderId}`, revision: 0 } })
  })
})

describe('when MongoDB goes away', () => {
  let directory: string
  let documents: MongoDBNode
  const side = readSide(async () => {
    const events = await EventStoreDBNode.start()
    directory = await mkdtemp(join(tmpdir(), 'counterfoil-'))
    documents = await MongoDBNode.start({ db: directory })
    return {
      events: events.connectionString,
      documents: documents.connectionString,
      stop: async () => {
        await events.stop()
        await documents.stop()
        await rm(directory, { recursive: true })
      },
    }
  })

  it('the read models wait for it, and nothing is left out or doubled', { timeout: 60_000 }, async () => {
    const running = side.run()
    const models = readModels({ db: side.db() })
    await models.reached(await side.placeOrder(), 10_000, 'orders')
    const { port } = documents
    await documents.stop()
    let position = 0n
    for (let n = 0; n < 50; n++) position = await side.placeOrder()
    // Its lease has run out by then, too.
    await expect.poll(() => running.leads(), { timeout: 20_000 }).toBe(false)
    documents = await MongoDBNode.start({ db: directory, port })
    await models.reached(position, 20_000, 'orders', 'payments')
    expect(running.stopped).toEqual([])

    const anew = side.anotherDb()
    await projectUpTo({ client: side.client(), db: anew, position, now, newId: randomUUID })
    for (const { name } of Object.values(projections))
      expect(await documentsOf(side.db(), name)).toEqual(await documentsOf(anew, name))
  })
})

describe('when EventStoreDB goes away', () => {
  let events: EventStoreDBNode
  let directory: string
  const side = readSide(async () => {
    directory = await mkdtemp(join(tmpdir(), 'counterfoil-'))
    events = await EventStoreDBNode.start({ db: directory })
    const documents = await MongoDBNode.start()
    return {
      events: events.connectionString,
      documents: documents.connectionString,
      stop: async () => {
        await events.stop()
        await documents.stop()
        await rm(directory, { recursive: true })
      },
    }
  })

  it('the read models go on where they were', { timeout: 60_000 }, async () => {
    const running = side.run()
    const models = readModels({ db: side.db() })
    await models.reached(await side.placeOrder(), 10_000, 'orders')
    const { port } = events
    await events.stop()
    await expect.poll(() => running.faults.length, { timeout: 10_000 }).toBeGreaterThan(0)
    events = await EventStoreDBNode.start({ db: directory, port })
    const position = await expect
      .poll(() => side.placeOrder().catch(() => undefined), { timeout: 20_000 })
      .toBeDefined()
      .then(() => side.placeOrder())
    await models.reached(position, 20_000, 'orders', 'payments')
  })
})
