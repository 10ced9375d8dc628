import type { OrderId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import type { OrderFailure } from '../../domain/payment.ts'
import type { Audience } from '../events.ts'
import type { Notice } from '../notice.ts'
import { moneyIn, momentIn } from './format.ts'
import type { Language } from './language.ts'
import { words } from './table.ts'
import type { Kind, Values, Words } from './table.ts'

/** What is told, and of which order. */
export interface Told {
  readonly audience: Audience
  readonly notice: Notice
  readonly orderId: OrderId
  readonly price: Money
  /** When it happened. */
  readonly at: string
}

/** What happened to an order, for its customer or for the shop: plain text of two or three lines. */
export const tell = (language: Language, { audience, notice, orderId, price, at }: Told): string => {
  const said = words[language]
  const write = (money: Money) => moneyIn(language, money)
  const returned = notice.kind === 'REFUNDED' ? notice : { amount: price, refunded: price }
  const values: Values = {
    price: write(price),
    amount: write(returned.amount),
    refunded: write(returned.refunded),
  }
  const headline = headlineOf(said, audience, kindOf(notice))(values)
  const details = detailsOf(said, notice, write)
  return [
    details === undefined ? headline : `${headline} ${details}`,
    `${said.orderNumber(orderId)}, ${momentIn(language, at)}`,
  ].join('\n')
}

const kindOf = (notice: Notice): Kind =>
  notice.kind === 'REFUNDED' && !notice.isFull ? 'PARTLY_REFUNDED' : notice.kind

/** Customers are not told that they have ordered: they would hear it as the shop does. */
const headlineOf = ({ toCustomer, toShop }: Words, audience: Audience, kind: Kind) =>
  audience === 'SHOP' || kind === 'PLACED' ? toShop[kind] : toCustomer[kind]

const detailsOf = (said: Words, notice: Notice, write: (money: Money) => string): string | undefined => {
  switch (notice.kind) {
    case 'FAILED':
      return reasonOf(said, notice.failure, write)
    case 'CANCELLED':
      return said.cancelledBy[notice.by]
    case 'PLACED':
    case 'PAID':
    case 'REFUNDED':
      return undefined
    default:
      return notice satisfies never
  }
}

/** A message has room for 4,096 characters. */
const MOST_LISTED = 20

const reasonOf = ({ reasons }: Words, failure: OrderFailure, write: (money: Money) => string): string => {
  switch (failure.reason) {
    case 'INSUFFICIENT_FUNDS':
      return reasons.INSUFFICIENT_FUNDS(write(failure.shortBy))
    case 'OUT_OF_STOCK':
      return [
        reasons.OUT_OF_STOCK(failure.missing.slice(0, MOST_LISTED)),
        ...(failure.missing.length > MOST_LISTED ? ['…'] : []),
      ].join(' ')
    default:
      return reasons[failure.reason]
  }
}
