import type { Money } from '../domain/money.ts'
import type { Past } from '../projections/asOf.ts'
import type { OrderView } from '../projections/documents.ts'
import { linesToReserve } from './events.ts'
import type { OrderLine } from './events.ts'
import type { NewOrder } from './order.ts'

/** An order as it was when it was accepted: also the answer to a repeated request. */
export const justPlaced = (
  { orderId: id, customerId, price, description, lines, paymentMethod, placedAt, payBy }: NewOrder,
  position: bigint,
) =>
  ({
    id,
    customerId,
    status: linesToReserve(lines).length > 0 ? 'NEW' : 'AWAITING_PAYMENT',
    price,
    description,
    lines: linesIn(price, lines),
    paymentMethod,
    placedAt,
    payBy,
    revision: 0,
    position,
  }) as const

/** An order as people see it, of what is stored. */
export const orderOf = ({ _id: id, lines = [], ...order }: Past<OrderView>) => ({
  ...order,
  id,
  lines: linesIn(order.price, lines),
})

const linesIn = ({ currency }: Money, lines: readonly OrderLine[]) =>
  lines.map(({ sku, name, quantity, unitPrice }) => ({
    sku,
    name,
    quantity,
    unitPrice: { amount: unitPrice, currency },
    total: { amount: unitPrice * quantity, currency },
  }))
