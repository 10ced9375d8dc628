import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eur } from '../domain/controls.ts'
import { writerOf } from '../eventstore/transact.ts'
import { startNodes } from '../tests/startNodes.ts'
import { foldables } from './all.ts'
import { readModels } from './readModels.ts'
import { skip, skipping } from './skipping.ts'
import { readStates } from './state.ts'
import { cause, documentsOf, now, person, placing, readSide } from './underTest.ts'

const side = readSide(startNodes)

/** Of those that fold the ends of orders, one. */
const withOrders = foldables.filter(({ name }) => name !== 'stats' && name !== 'notifications')

const orders = () => readModels({ db: side.db() })
const stateOf = async (projection: string) => (await readStates(side.db())).get(projection)

const skipIt = async (projection: string, andFollowing = false) => {
  const stopped = (await stateOf(projection))?.stopped
  if (!stopped) throw new Error('nothing to skip')
  const { stream, revision, position, type } = stopped
  const event = { projection, stream, revision, position, type, andFollowing, reason: 'written by hand' }
  const writer = writerOf(skipping, { client: side.client(), now, newId: randomUUID })
  await writer.transact(projection, skip(event), { cause })
}

// They share a log, and each poisons it further, so that later ones begin with skips.
describe('an event that cannot be folded', () => {
  it('stops only its projection, just before the event, and is named', async () => {
    const before = await side.placeOrder()
    const stream = await side.appendPoison()
    const ann = person()
    const after = await side.openAndFill(ann, 90)
    const running = side.run(withOrders)

    await orders().reached(after, 10_000, 'wallets', 'ledger', 'payments')
    expect(await orders().wallet(ann)).toMatchObject({ balance: eur(90) })
    await expect
      .poll(() => stateOf('orders'), { timeout: 10_000 })
      .toMatchObject({
        stopped: { collection: 'orders', type: 'OrderPaid', stream, revision: 0 },
      })
    expect(running.stopped).toEqual(['orders'])
    expect(await stateOf('wallets')).not.toHaveProperty('stopped')
    await orders().reached(before, 1_000, 'orders')
    await expect(orders().reached(after, 20, 'orders')).rejects.toMatchObject({ name: 'Unavailable' })
  })

  it('can be left out, with a reason, and is left out for ever', async () => {
    const running = side.run(withOrders)
    await expect.poll(() => running.stopped, { timeout: 10_000 }).toEqual(['orders'])
    const placed = placing(person())
    const after = await side.placeOrder(placed)
    await skipIt('orders')
    await orders().reached(after, 10_000, 'orders')
    await expect.poll(() => running.resumed, { timeout: 10_000 }).toEqual(['orders'])
    expect(await stateOf('orders')).not.toHaveProperty('stopped')
    expect(await orders().order(placed.orderId)).toMatchObject({ status: 'AWAITING_PAYMENT' })

    const anew = side.anotherDb()
    const again = side.run(withOrders, anew)
    await readModels({ db: anew }).reached(after, 10_000, 'orders')
    expect(again.stopped).toEqual([])
    expect(await documentsOf(anew, 'orders')).toEqual(await documentsOf(side.db(), 'orders'))
  })

  it('can be left out with all that follows it in its stream', async () => {
    const orderId = randomUUID()
    await side.appendPoison(orderId)
    await side.appendPoison(orderId)
    const after = await side.placeOrder()
    const running = side.run(withOrders)
    await expect.poll(() => running.stopped, { timeout: 10_000 }).toEqual(['orders'])
    await skipIt('orders', true)
    await orders().reached(after, 10_000, 'orders')
    expect(running.stopped).toEqual(['orders'])
  })

  it('is met again after a restart', async () => {
    await side.appendPoison()
    const first = side.run(withOrders)
    await expect.poll(() => first.stopped, { timeout: 10_000 }).toEqual(['orders'])
    await first.stop()
    const second = side.run(withOrders)
    await expect.poll(() => second.stopped, { timeout: 10_000 }).toEqual(['orders'])
    await skipIt('orders')
    await expect.poll(() => second.resumed, { timeout: 10_000 }).toEqual(['orders'])
  })
})
