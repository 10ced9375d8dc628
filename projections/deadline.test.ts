import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ann, orderId } from '../domain/controls.ts'
import { lossyProxy } from '../eventstore/lossyProxy.ts'
import { startNodes } from '../tests/startNodes.ts'
import { readModels as readModelsIn } from './readModels.ts'
import type { ReadModels } from './readModels.ts'

let stop: () => Promise<unknown>
let models: ReadModels
let proxy: Awaited<ReturnType<typeof lossyProxy>>
beforeAll(async () => {
  const nodes = await startNodes()
  proxy = await lossyProxy(Number(new URL(nodes.documents).port))
  const mongo = new MongoClient(`mongodb://127.0.0.1:${proxy.port}/?directConnection=true`)
  models = readModelsIn({ db: mongo.db('deadline'), deadline: 200 })
  stop = async () => {
    // So that saying goodbye gets an answer.
    proxy.cut()
    await mongo.close()
    await proxy.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const page = { first: 1, after: undefined }
const whole = async () => {
  for await (const entries of models.wholeLedger(ann, {})) expect(entries).toEqual([])
}

it('whoever asks the read models is told in time that MongoDB does not answer', async () => {
  expect(await models.order(orderId(1))).toBeUndefined()
  proxy.loseAnswers()
  const asking = [
    models.order(orderId(1)),
    models.wallet(ann),
    models.payment(orderId(1)),
    models.stats(),
    models.orders(ann, undefined, page),
    models.allOrders({ from: '2026-01-02T12:00:00.000Z' }, page),
    models.wallets(page),
    models.ledger(ann, page),
    whole(),
    models.position('orders'),
    models.reached(1n, 60_000, 'orders'),
  ]
  const answers = await Promise.allSettled(asking)
  for (const answer of answers)
    expect(answer).toMatchObject({ status: 'rejected', reason: { name: 'Unavailable' } })
})
