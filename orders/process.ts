import { impossible } from '../eventstore/decision.ts'
import type { OrderFailure } from '../domain/payment.ts'
import type { Sku } from '../domain/product.ts'
import type { Order } from './order.ts'
import type { Reservation } from './stock/stock.ts'

type Missing = Extract<OrderFailure, { reason: 'OUT_OF_STOCK' }>['missing']

/** One thing to do for an order and its stock. Each may be done twice, and counts once. */
export type Step =
  | { readonly do: 'RESERVE'; readonly sku: Sku; readonly quantity: number }
  | { readonly do: 'RELEASE' | 'WRITE_OFF'; readonly sku: Sku }
  | { readonly do: 'CONFIRM' | 'SETTLE' }
  | { readonly do: 'FAIL'; readonly missing: Missing }

/** How the lines of an order stand with their stock, as far as that is known. */
export type Standings = ReadonlyMap<Sku, Reservation>

/**
 * What comes next for an order, given how it stands and what its stock has said: nothing, or steps that may be
 * taken at the same time. An order that keeps stock goes from NEW over all its lines to a verdict, and once it has
 * ended, over all its lines again until each is written off or released.
 */
export const nextSteps = (order: Order, known: Standings): readonly Step[] => {
  if (order.status === 'NONE' || !order.stock || order.stock.isSettled) return []
  const { lines } = order.stock
  switch (order.status) {
    case 'NEW':
      return reserving(lines, known)
    case 'AWAITING_PAYMENT':
      return []
    case 'PAID':
    case 'REFUNDED':
      return settling('WRITE_OFF', lines, known)
    case 'FAILED':
    case 'CANCELLED':
      return settling('RELEASE', lines, known)
    default:
      return order satisfies never
  }
}

type Lines = readonly { readonly sku: Sku; readonly quantity: number }[]

const reserving = (lines: Lines, known: Standings): readonly Step[] => {
  const undecided = lines.filter(({ sku }) => !known.has(sku))
  if (undecided.length > 0) return undecided.map(({ sku, quantity }) => ({ do: 'RESERVE', sku, quantity }))
  const missing = lines.flatMap(({ sku, quantity: wanted }) => {
    const standing = known.get(sku)
    return standing?.status === 'REFUSED' ? [{ sku, wanted, available: standing.available }] : []
  })
  const [first, ...others] = missing
  return [first ? { do: 'FAIL', missing: [first, ...others] } : { do: 'CONFIRM' }]
}

const settling = (how: 'RELEASE' | 'WRITE_OFF', lines: Lines, known: Standings): readonly Step[] => {
  const open = lines.filter(({ sku }) => !isSettled(how, known.get(sku)))
  return open.length > 0 ? open.map(({ sku }) => ({ do: how, sku })) : [{ do: 'SETTLE' }]
}

const isSettled = (how: 'RELEASE' | 'WRITE_OFF', standing: Reservation | undefined): boolean => {
  switch (standing?.status) {
    case undefined:
    case 'RESERVED':
      return false
    case 'REFUSED':
    case 'RELEASED':
      return how === 'RELEASE' || impossible(`a paid order whose stock is ${standing.status}`)
    case 'WRITTEN_OFF':
      return how === 'WRITE_OFF' || impossible('pieces that have left for an order that was never paid')
    default:
      return standing satisfies never
  }
}
