import type { OrderFailure } from '../../domain/payment.ts'
import type { Notice } from '../notice.ts'
import { english } from './english.ts'
import type { Language } from './language.ts'
import { russian } from './russian.ts'

/** Values that sentences are made of, written in the language already. */
export interface Values {
  /** What the order costs. */
  readonly price: string
  /** What was given back now, and so far. */
  readonly amount: string
  readonly refunded: string
}

export type Kind = Notice['kind'] | 'PARTLY_REFUNDED'
export type Reason = OrderFailure['reason']
type Failure<R extends Reason> = Extract<OrderFailure, { reason: R }>

/** Everything that is said in one language. Plain text: nothing in it is markup. */
export interface Words {
  readonly toCustomer: Readonly<Record<Exclude<Kind, 'PLACED'>, (values: Values) => string>>
  readonly toShop: Readonly<Record<Kind, (values: Values) => string>>
  /** Why an order failed: sentences. */
  readonly reasons: {
    readonly [R in Exclude<Reason, 'INSUFFICIENT_FUNDS' | 'OUT_OF_STOCK'>]: string
  } & {
    readonly INSUFFICIENT_FUNDS: (shortBy: string) => string
    readonly OUT_OF_STOCK: (missing: Failure<'OUT_OF_STOCK'>['missing']) => string
  }
  readonly cancelledBy: Readonly<Record<Extract<Notice, { kind: 'CANCELLED' }>['by'], string>>
  readonly orderNumber: (id: string) => string
  /** What the bot says in a chat. */
  readonly bot: {
    readonly welcome: string
    readonly linked: string
    readonly badCode: string
    readonly unlinked: string
    readonly wasNotLinked: string
    readonly chatNumber: (id: number) => string
  }
}

export const words: Readonly<Record<Language, Words>> = { EN: english, RU: russian }
