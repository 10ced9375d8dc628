import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { nursery } from '../eventstore/nursery.ts'
import { startNodes } from '../tests/startNodes.ts'
import { foldables, projections } from './all.ts'
import { lead } from './lead.ts'
import { readModels } from './readModels.ts'
import { documentsOf, now, person, placing, readSide } from './underTest.ts'
import { projectUpTo } from './upTo.ts'
import { Superseded } from './write.ts'

const side = readSide(startNodes)
const models = () => readModels({ db: side.db() })

describe('of several processes', () => {
  it('one folds and the others stand by, until it stops', async () => {
    const first = side.run()
    await expect.poll(() => first.leads()).toBe(true)
    const second = side.run()
    await models().reached(await side.placeOrder(), 10_000, 'orders')
    expect(second.leads()).toBe(false)
    await first.stop()
    await models().reached(await side.placeOrder(), 10_000, 'orders')
    expect(second.leads()).toBe(true)
  })

  it('another takes over from one that died', async () => {
    const leases = side.db().collection<{ _id: string; holder: string; beat: number }>('leases')
    await leases.insertOne({ _id: 'projections', holder: 'a process that is no more', beat: 7 })
    const running = side.run()
    await models().reached(await side.placeOrder(), 15_000, 'orders')
    expect(running.leads()).toBe(true)
  })

  it('one that was taken for dead gives way when it comes back', async () => {
    const first = side.run()
    await expect.poll(() => first.leads()).toBe(true)
    await side
      .db()
      .collection<{ _id: string; holder: string }>('leases')
      .updateOne({ _id: 'projections' }, { $set: { holder: 'somebody else' } })
    await expect.poll(() => first.leads(), { timeout: 5_000 }).toBe(false)
    // The other one never beats, so that the first may have it again.
    await expect.poll(() => first.leads(), { timeout: 15_000 }).toBe(true)
  })

  it('two that fold at the same time do no harm', { timeout: 60_000 }, async () => {
    const ann = person()
    const db = side.db()
    const ending = new AbortController()
    let superseded = 0
    /** Folds without a lease, as a process does that was stopped for too long and doesn't know it yet. */
    const folding = async () => {
      while (!ending.signal.aborted) {
        const works = nursery(ending.signal)
        const observer = { wrote: () => undefined, retried: () => undefined, stopped: () => undefined }
        const parts = { client: side.client(), db, projections: foldables, observer, now, newId: randomUUID }
        works.run(() => lead({ ...parts, patiently: (work) => work() }, works))
        try {
          await works.ended()
        } catch (fault) {
          if (!(fault instanceof Superseded)) throw fault
          superseded++
        }
      }
    }
    const both = Promise.all([folding(), delay(20).then(folding)])
    let position = await side.openAndFill(ann, 100)
    for (let n = 0; n < 150; n++) position = await side.placeOrder(placing(ann))
    await models().reached(position, 20_000, 'orders', 'wallets', 'ledger', 'payments')
    ending.abort()
    await both

    const anew = side.anotherDb()
    await projectUpTo({ client: side.client(), db: anew, position, now, newId: randomUUID })
    for (const { name } of Object.values(projections))
      expect(await documentsOf(db, name), `${name}, superseded ${superseded} times`).toEqual(
        await documentsOf(anew, name),
      )
  })
})
