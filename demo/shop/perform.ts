import type { HttpClient } from '../../client/http.ts'
import { shop } from '../../client/shop.ts'
import type { Refusal, Shop, ShopOrder, Wanted } from '../../client/shop.ts'
import { watching } from '../../client/watch.ts'
import type { OrderUpdate, Watching } from '../../client/watch.ts'
import { crowd } from '../crowd.ts'
import { follow } from '../follow.ts'
import { patiently } from '../patience.ts'
import { Refused } from '../perform.ts'
import { count } from '../tally.ts'
import type { Tally } from '../tally.ts'
import type { Delivery, ShopPlan, Visit } from './plan.ts'

/** A visit that ended with an order, and what became of it. */
export interface Bought {
  readonly visit: Visit
  readonly id: string
  readonly lines: readonly Wanted[]
  readonly updates: readonly OrderUpdate[]
  readonly last: OrderUpdate
  /** Set where money was asked back: the order when it had arrived. */
  readonly refunded: ShopOrder | undefined
}

interface Stage {
  readonly client: HttpClient
  readonly url: string
  readonly plan: ShopPlan
  readonly concurrency: number
  readonly tally: Tally
}

/** Puts everything on the shelves; answers the newest token. */
export const deliver = async ({ client, plan, concurrency, tally }: Stage): Promise<string | undefined> => {
  const api = shop(client)
  let token: string | undefined
  await crowd(plan.deliveries, concurrency, async ({ key, ...delivery }: Delivery) => {
    const receipt = await patiently(
      () => api.receiveStock(plan.admin, { ...delivery, idempotencyKey: key }),
      () => tally.faults++,
    )
    if (receipt.message !== undefined) throw new Refused(receipt.message)
    token = receipt.consistencyToken
  })
  return token
}

/**
 * Has everybody come, each for one visit after the other, as they have one cart; who only waits does so for all at
 * once. Answers what was bought.
 */
export const goShopping = async (
  { client, url, plan, concurrency, tally }: Stage,
  visits: readonly Visit[],
): Promise<readonly Bought[]> => {
  const api = shop(client)
  const onFault = () => tally.faults++
  const bought: Bought[] = []
  const rows = Map.groupBy(visits, ({ plan, key, customer }) => (plan === 'LEAVE' ? key : customer))
  await crowd(rows.values(), concurrency, async (theirs) => {
    const [first] = theirs
    if (!first) return
    const socket = watching(url, first.customer)
    try {
      for (const visit of theirs) {
        const done = await visiting({ api, socket, admin: plan.admin, tally, onFault }, visit)
        if (done) bought.push(done)
      }
    } finally {
      await socket.close()
    }
  })
  return bought
}

interface Visiting {
  readonly api: Shop
  readonly socket: Watching
  readonly admin: string
  readonly tally: Tally
  readonly onFault: () => void
}

const visiting = async (
  { api, socket, admin, tally, onFault }: Visiting,
  visit: Visit,
): Promise<Bought | undefined> => {
  const begun = performance.now()
  const placed = await ordering(api, visit, onFault)
  if (placed.message !== undefined) {
    // Nothing of what they came for was there.
    if (placed.__typename !== 'EmptyCart') throw new Refused(`${placed.__typename}: ${placed.message}`)
    count(tally.ended, 'LEFT EMPTY-HANDED')
    tally.latencies.push(performance.now() - begun)
    return undefined
  }
  tally.placed++
  const { id, lines, price } = placed
  if (visit.plan === 'CANCEL') await patiently(() => api.cancelOrder(visit.customer, id), onFault)
  const { updates, last } = await follow(socket, id, onFault)
  tally.latencies.push(performance.now() - begun)
  const part = { amount: Math.ceil(price.amount / 3), currency: price.currency }
  const wantsBack = last.status === 'PAID' ? REFUNDS.get(visit.plan) : undefined
  const refunded =
    wantsBack && (await givingBack(api, admin, visit, id, wantsBack === 'PART' ? part : price, onFault))
  count(tally.ended, refunded?.status ?? last.status)
  if (last.failure) count(tally.reasons, last.failure.reason)
  return { visit, id, lines, updates, last, refunded }
}

const REFUNDS: ReadonlyMap<Visit['plan'], 'ALL' | 'PART'> = new Map<Visit['plan'], 'ALL' | 'PART'>([
  ['REFUND', 'ALL'],
  ['REFUND_PART', 'PART'],
])

const ordering = async (
  api: Shop,
  { customer, key, wanted, via }: Visit,
  onFault: () => void,
): Promise<(ShopOrder & { readonly message?: undefined }) | Refusal> => {
  if (via === 'LINES') return patiently(() => api.placeOrder(customer, wanted, key), onFault)
  for (const { sku, quantity } of wanted) {
    const idempotencyKey = `${key} ${sku}`
    const added = await patiently(() => api.addToCart(customer, { sku, quantity, idempotencyKey }), onFault)
    if (added.message !== undefined && added.__typename !== 'NotAvailable')
      throw new Refused(`${added.__typename}: ${added.message}`)
  }
  return patiently(() => api.checkout(customer, key), onFault)
}

/** Asks for money back, and waits until the order says that it has arrived. */
const givingBack = async (
  api: Shop,
  admin: string,
  { customer, key }: Visit,
  orderId: string,
  amount: ShopOrder['price'],
  onFault: () => void,
): Promise<ShopOrder> => {
  const asked = await patiently(
    () => api.refundOrder(admin, { orderId, amount, idempotencyKey: `back ${key}` }),
    onFault,
  )
  if (asked.message !== undefined) throw new Refused(`${asked.__typename}: ${asked.message}`)
  return patiently(
    async () => {
      const order = await api.order(customer, orderId)
      if (order?.refunded?.amount !== amount.amount) throw new NotYet()
      return order
    },
    () => undefined,
  )
}

/** The money is on its way: as good as a passing fault. */
class NotYet extends Error {
  readonly code = 'UND_ERR_NOT_YET'
}
