import type { EventStoreDBClient } from '@eventstore/db-client'
import { appending } from './append.ts'
import type { Telling } from './append.ts'
import type { Customer } from './customers.ts'
import { EVENTS_OF_AN_ORDER, MOST_EVENTS_OF_AN_ORDER, shopOf } from './shop.ts'

export interface FillOptions extends Telling {
  readonly client: EventStoreDBClient
  /** Fills until there are as many orders, or as many events; the last order is finished either way. */
  readonly until: { readonly orders: number } | { readonly events: number }
  /** The same seed makes the same customers and orders. */
  readonly seed: number
  /** Told how many events are in the log, now and then. */
  readonly progress?: (events: number) => void
}

/** What a log was filled with. */
export interface Filled {
  readonly events: number
  readonly orders: number
  readonly failed: number
  /** Commit position of the last event. */
  readonly position: bigint
  /** Customers with very many orders, and with few. */
  readonly regulars: readonly Readonly<Customer>[]
  readonly occasional: readonly Readonly<Customer>[]
}

/** Orders that enter the shop together: with three steps of earlier ones, some 2,000 appends in flight. */
const WAVE = 500

/**
 * Writes what the services would have written for so many orders: the decisions of the product's deciders in
 * their order, encoded by its codecs. Nothing reads, so that it takes minutes where the services take hours.
 */
export const fill = async ({ client, until, seed, progress, ...telling }: FillOptions): Promise<Filled> => {
  const expected = 'orders' in until ? until.orders : Math.ceil(until.events / EVENTS_OF_AN_ORDER)
  const shop = shopOf({ seed, orders: expected, ...telling })
  const { append, written } = appending(client)

  const missing = () =>
    'orders' in until
      ? until.orders - shop.orders()
      : Math.ceil((until.events - shop.events()) / MOST_EVENTS_OF_AN_ORDER)

  for (let busy = true; busy;) {
    const turn = shop.turn(Math.max(0, Math.min(WAVE, missing())))
    await Promise.all(turn.appends.map(append))
    progress?.(written().events)
    busy = turn.busy
  }
  const { regulars, occasional } = shop.crowd
  return { ...written(), orders: shop.orders(), failed: shop.failed(), regulars, occasional }
}
