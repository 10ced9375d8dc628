import type { EventStoreDBClient } from '@eventstore/db-client'
import { decideOnce, newestAbout } from '../../eventstore/decideOnce.ts'
import type { Decision } from '../../eventstore/decision.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { streamOf } from '../../eventstore/stream.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { Forgotten, Searched } from '../../eventstore/verdicts.ts'
import type { StockEvent } from './events.ts'
import { closedBy, isClosing, release, reserve, standingOf, stock, writeOff } from './stock.ts'
import type { Closed, PlacedLine, PlacedOrder, Reservation, Stock } from './stock.ts'

export interface ReservationOptions {
  readonly client: EventStoreDBClient
  readonly stocks: Writer<Stock, StockEvent>
}

type Decide = (searched?: Searched<Closed>) => (stock: Stock) => Decision<StockEvent, Forgotten>

/**
 * What becomes of the stock for an order's lines. Each answers how the line stands now; asked again, it changes
 * nothing. An order so old that the stock may have forgotten it is looked up in the stock's stream.
 */
export const stockReservations = ({ client, stocks }: ReservationOptions) => {
  const standing = (order: PlacedOrder, decide: Decide, cause: Cause): Promise<Reservation> =>
    decideOnce({
      decide: (searched) => stocks.transact(order.sku, decide(searched), { cause }),
      known: (state, searched) => standingOf(state, order, searched),
      search: () => searchClosed(client, order),
    })

  return {
    /** RESERVED or REFUSED; RELEASED or WRITTEN_OFF if that has happened since, or came first. */
    reserveLine: (line: PlacedLine, cause: Cause): Promise<Reservation> =>
      standing(line, (searched) => reserve(line, searched), cause),

    /** RELEASED, or REFUSED if nothing was ever reserved. Rejects for pieces that have left. */
    releaseLine: (order: PlacedOrder, cause: Cause): Promise<Reservation> =>
      standing(order, (searched) => release(order, searched), cause),

    /** WRITTEN_OFF. Rejects if nothing is reserved. */
    writeOffLine: (order: PlacedOrder, cause: Cause): Promise<Reservation> =>
      standing(order, (searched) => writeOff(order, searched), cause),
  }
}
export type StockReservations = ReturnType<typeof stockReservations>

/**
 * How the order ended. What is open is never forgotten: if the newest event about the order opens it, somebody has
 * just done so, and whoever decides without knowing that finds the stream changed.
 */
const searchClosed = async (
  client: EventStoreDBClient,
  { sku, orderId, placedAt }: PlacedOrder,
): Promise<Closed | undefined> => {
  const isAbout = ({ data }: StockEvent) => 'orderId' in data && data.orderId === orderId
  const newest = await newestAbout(client, streamOf(stock, sku), placedAt, isAbout)
  return newest && isClosing(newest) ? closedBy(newest) : undefined
}
