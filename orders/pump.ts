import type { OrderId } from '../domain/ids.ts'
import type { Sku } from '../domain/product.ts'
import { impossible } from '../eventstore/decision.ts'
import type { Cause } from '../eventstore/metadata.ts'
import type { TransactOptions, Writer } from '../eventstore/transact.ts'
import type { OrderEvent } from './events.ts'
import { confirmReservation, failReservation, settleStock } from './lifecycle.ts'
import type { Order, OrderStock } from './order.ts'
import { nextSteps } from './process.ts'
import type { Step } from './process.ts'
import type { StockReservations } from './stock/reservations.ts'
import type { Reservation } from './stock/stock.ts'

export interface PumpOptions {
  readonly orders: Writer<Order, OrderEvent>
  readonly stock: StockReservations
}

/** An order as the caller knows it to have been. */
export type KnownOrder = NonNullable<TransactOptions<Order>['known']>

/** Takes an order as far as it goes without anybody else. */
export type Pump = (orderId: OrderId, cause: Cause, known?: KnownOrder) => Promise<void>

/** Reserving, the verdict, letting go of each line, the end of it: no order needs more rounds. */
const MAX_ROUNDS = 8

/**
 * Takes steps until there is none to take. It keeps nothing between two runs: one that was cut short anywhere is
 * run again, from what the streams say, and comes to the same end.
 */
export const orderPump =
  ({ orders, stock }: PumpOptions): Pump =>
  async (orderId, cause, known) => {
    let newest = known ?? (await orders.transact(orderId, () => [], { cause }))
    const standings = new Map<Sku, Reservation>()

    const take = async (step: Step): Promise<void> => {
      switch (step.do) {
        case 'RESERVE':
          standings.set(
            step.sku,
            await stock.reserveLine({ ...stockOf(newest.state, step.sku, orderId), ...step }, cause),
          )
          return
        case 'RELEASE':
          standings.set(step.sku, await stock.releaseLine(stockOf(newest.state, step.sku, orderId), cause))
          return
        case 'WRITE_OFF':
          standings.set(step.sku, await stock.writeOffLine(stockOf(newest.state, step.sku, orderId), cause))
          return
        default: {
          const decide =
            step.do === 'CONFIRM'
              ? confirmReservation()
              : step.do === 'FAIL'
                ? failReservation(step.missing)
                : settleStock()
          newest = await orders.transact(orderId, decide, { cause, known: newest })
        }
      }
    }

    for (let round = 0; round < MAX_ROUNDS; round++) {
      const steps = nextSteps(newest.state, standings)
      if (steps.length === 0) return
      await Promise.all(steps.map(take))
    }
    impossible(`an order that comes to no end: ${orderId}`)
  }

const stockOf = (order: Order, sku: Sku, orderId: OrderId) => ({
  sku,
  orderId,
  placedAt: placedAtOf(order.status === 'NONE' ? undefined : order.stock),
})

const placedAtOf = (stock: OrderStock | undefined): string =>
  stock?.placedAt ?? impossible('a step for an order without stock')
