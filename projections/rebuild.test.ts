import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eur } from '../domain/controls.ts'
import { startNodes } from '../tests/startNodes.ts'
import { foldables, projections } from './all.ts'
import { beginSwitch, nextOf } from './builds.ts'
import { CHECKPOINTS } from './checkpoints.ts'
import { controlOf } from './control.ts'
import { OrderView } from './documents.ts'
import { foldable } from './folder.ts'
import type { Foldable, Folder } from './folder.ts'
import { readModels } from './readModels.ts'
import { readStates } from './state.ts'
import type { Build } from './state.ts'
import { documentsOf, now, person, placing, readSide } from './underTest.ts'

const side = readSide(startNodes)
const models = () => readModels({ db: side.db() })
const control = (all = foldables) =>
  controlOf({ client: side.client(), db: side.db(), projections: all, now })
const stateOf = async (name: string) => (await readStates(side.db())).get(name)
const collections = async () =>
  (await side.db().listCollections().toArray()).map(({ name }) => name).toSorted()

const built = (name: string, id: string) =>
  expect.poll(() => stateOf(name), { timeout: 15_000 }).toMatchObject({ built: { id } })
const finished = (name: string) =>
  expect.poll(() => stateOf(name), { timeout: 15_000 }).not.toHaveProperty('build')

/** The same projection, whose folding into one collection is told first and may be held up. */
const watched = (projection: Foldable, collection: string, before: () => Promise<void> | void): Foldable => ({
  ...projection,
  folderInto: (options) => {
    const folder: Folder = projection.folderInto(options)
    return {
      ...folder,
      fold: async (events) => {
        if (folder.collection() === collection && events.length > 0) await before()
        return folder.fold(events)
      },
    }
  },
})

const others = foldables.filter(({ name }) => name !== 'orders')
const orders = foldable(projections.orders)

describe('a read model is built anew', () => {
  it('beside the one that serves, and takes its place', async () => {
    const running = side.run()
    const ann = person()
    const position = await side.openAndFill(ann, 500)
    await side.placeOrder(placing(ann))
    await models().reached(position, 10_000, 'wallets', 'orders', 'ledger', 'payments')
    const before = await documentsOf(side.db(), 'orders')
    await control().requestBuild(['orders'], { id: 'first', verify: true })
    await built('orders', 'first')
    await finished('orders')
    expect(await stateOf('orders')).toMatchObject({
      version: projections.orders.version,
      built: { outcome: 'SWITCHED', compared: before.length, differing: [] },
    })
    expect(await documentsOf(side.db(), 'orders')).toEqual(before)
    expect(await collections()).not.toContain(nextOf('orders'))
    expect(
      await side.db().collection<{ _id: string }>(CHECKPOINTS).findOne({ _id: 'orders.next' }),
    ).toBeNull()

    const after = await side.placeOrder(placing(ann))
    await models().reached(after, 10_000, 'orders')
    const { documents } = await models().orders(ann, undefined, { first: 10, after: undefined })
    expect(documents).toHaveLength(2)
    expect(running.stopped).toEqual([])
  })

  it('and has its indexes before it serves', async () => {
    const indexes = async (collection: string) =>
      (await side.db().collection(collection).indexes()).map(({ key }) => key)
    const declared = [{ _id: 1 }, ...projections.orders.indexes.map(({ key }) => key)]
    side.run()
    const ann = person()
    await side.openAndFill(ann, 500)
    await models().reached(await side.placeOrder(placing(ann)), 10_000, 'orders')
    expect(await indexes('orders')).toEqual(declared)
    await control().requestBuild(['orders'], { id: 'indexed', verify: false })
    await built('orders', 'indexed')
    await finished('orders')
    expect(await indexes('orders')).toEqual(declared)
  })

  it('with all others, in one go', async () => {
    side.run()
    await models().reached(
      await side.openAndFill(person(), 70),
      10_000,
      'orders',
      'wallets',
      'ledger',
      'payments',
    )
    await control().requestBuild(control().names, { id: 'all', verify: true })
    for (const name of control().names) await built(name, 'all')
    for (const name of control().names) await finished(name)
    for (const name of control().names)
      expect(await stateOf(name)).toMatchObject({ built: { outcome: 'SWITCHED', differing: [] } })
  })

  it('once for each request', async () => {
    side.run()
    expect(await control().requestBuild(['orders'], { id: 'same', verify: false })).toBe(true)
    await built('orders', 'same')
    await finished('orders')
    expect(await control().requestBuild(['orders'], { id: 'same', verify: false })).toBe(true)
    expect(await control().requestBuild(['orders'], { id: 'same', verify: true })).toBe(false)
    expect(await stateOf('orders')).not.toHaveProperty('requested')
  })

  it('while everything else goes on, with what is appended meanwhile', async () => {
    const [held, release] = gate()
    side.run([watched(orders, nextOf('orders'), () => held), ...others])
    const first = await side.placeOrder()
    await models().reached(first, 10_000, 'orders')
    await control().requestBuild(['orders'], { id: 'slow', verify: true })
    await expect.poll(() => stateOf('orders'), { timeout: 10_000 }).toHaveProperty('build')
    const ann = person()
    const later = placing(ann)
    const position = await side.placeOrder(later)
    await models().reached(position, 10_000, 'orders', 'payments')
    expect(await models().order(later.orderId)).toMatchObject({ status: 'AWAITING_PAYMENT' })
    const [standing] = (await control().standings()).filter(({ name }) => name === 'orders')
    expect(standing).toMatchObject({ condition: 'BUILDING', lag: { events: 0 } })
    release()
    await built('orders', 'slow')
    expect(await stateOf('orders')).toMatchObject({ built: { outcome: 'SWITCHED', differing: [] } })
    expect(await models().order(later.orderId)).toMatchObject({ status: 'AWAITING_PAYMENT' })
  })

  it('from where it was when its process was killed', async () => {
    const first = side.run([watched(orders, nextOf('orders'), () => void first.stop()), ...others])
    const position = await side.placeOrder()
    await models().reached(position, 10_000, 'orders')
    const before = await documentsOf(side.db(), 'orders')
    await control().requestBuild(['orders'], { id: 'cut', verify: true })
    await expect.poll(() => stateOf('orders'), { timeout: 10_000 }).toHaveProperty('build')
    await first.stop()
    expect(await stateOf('orders')).toHaveProperty('build')
    side.run()
    await built('orders', 'cut')
    await finished('orders')
    expect(await documentsOf(side.db(), 'orders')).toEqual(before)
  })

  it.each(['before', 'after'])(
    'to the end when it was cut short just %s the new one took its place',
    async (when) => {
      const first = side.run()
      const position = await side.placeOrder()
      await models().reached(position, 10_000, 'orders')
      await first.stop()
      const before = await documentsOf(side.db(), 'orders')
      const next = side.db().collection(nextOf('orders'))
      await next.insertMany(before)
      const at = now().toISOString()
      const wish = { id: 'switch', verify: false, version: 1, at, events: 1 }
      const head = Number(position)
      const build: Build = { ...wish, startedAt: at, position: head, head, phase: 'FOLDING' }
      const outcome = 'SWITCHED' as const
      await beginSwitch(side.db(), 'orders', build, position, { ...wish, outcome, seconds: 1, differing: [] })
      if (when === 'after') await next.rename('orders', { dropTarget: true })
      side.run()
      await finished('orders')
      expect(await documentsOf(side.db(), 'orders')).toEqual(before)
      expect(await collections()).not.toContain(nextOf('orders'))
      await models().reached(await side.placeOrder(), 10_000, 'orders')
    },
  )
})

describe('a build that is not equal to what serves', () => {
  it('is named and does not take its place; without the comparison it does', async () => {
    side.run()
    const placed = placing(person())
    await models().reached(await side.placeOrder(placed), 10_000, 'orders')
    const serving = side.db().collection<{ _id: string }>('orders')
    await serving.updateOne({ _id: placed.orderId }, { $set: { price: eur(1) } })
    await control().requestBuild(['orders'], { id: 'compared', verify: true })
    await built('orders', 'compared')
    expect(await stateOf('orders')).toMatchObject({
      built: { outcome: 'DIFFERS', differing: [placed.orderId] },
    })
    expect(await models().order(placed.orderId)).toMatchObject({ price: eur(1) })
    await control().requestBuild(['orders'], { id: 'healed', verify: false })
    await built('orders', 'healed')
    await finished('orders')
    expect(await models().order(placed.orderId)).toMatchObject({ price: placed.price })
  })
})

describe('a projection of a new version', () => {
  const WithLength = OrderView.extend({ length: z.int().optional() })
  const { orders: former } = projections
  const newer = foldable({
    ...former,
    version: former.version + 1,
    view: WithLength,
    apply: (order, event) => {
      const after = former.apply(order, event)
      return { ...after, length: after.lines?.length ?? 0 }
    },
  })

  it('is built by itself, while the documents of the former one serve', async () => {
    const first = side.run()
    const placed = placing(person())
    await models().reached(await side.placeOrder(placed), 10_000, 'orders')
    await first.stop()
    const [held, release] = gate()
    const second = side.run([watched(newer, nextOf('orders'), () => held), ...others])
    await expect
      .poll(() => stateOf('orders'), { timeout: 10_000 })
      .toMatchObject({ version: former.version, build: { version: newer.version } })
    expect(await models().order(placed.orderId)).toMatchObject({ status: 'AWAITING_PAYMENT' })
    const meanwhile = await side.openAndFill(person(), 5)
    await models().reached(meanwhile, 10_000, 'wallets')
    release()
    await expect.poll(() => stateOf('orders'), { timeout: 10_000 }).toMatchObject({ version: newer.version })
    await finished('orders')
    const [document] = await side
      .db()
      .collection<{ _id: string }>('orders')
      .find({ _id: placed.orderId })
      .toArray()
    expect(document).toMatchObject({ length: placed.lines.length })
    await models().reached(await side.placeOrder(), 10_000, 'orders')
    expect(second.stopped).toEqual([])
  })

  it('is not built again where nothing was folded before', async () => {
    side.run([newer, ...others])
    await models().reached(await side.placeOrder(), 10_000, 'orders')
    expect(await stateOf('orders')).toEqual({ _id: 'orders', version: newer.version })
  })
})

const gate = (): readonly [Promise<void>, () => void] => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return [promise, () => resolve()]
}
