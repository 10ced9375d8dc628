import { LRUCache } from 'lru-cache'
import type { Db } from 'mongodb'
import type { EventOf } from '../eventstore/catalogue.ts'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { Met } from '../eventstore/catchUp.ts'
import type { Recorded } from '../eventstore/codec.ts'
import type { UserId } from '../domain/ids.ts'
import { walletEvents, walletMovements } from '../payments/events.ts'
import { WalletCurrency } from './documents.ts'
import { foldable } from './folder.ts'
import type { AnyEvent, Foldable, Folder, FolderOptions } from './folder.ts'
import { inTime, MAX_WRITE } from './limits.ts'
import { currencyNote, stats, statsEvents } from './stats.ts'

/** Currencies kept in memory: at least those of what is not written yet, whose notes can't be looked up. */
const KNOWN = 25 * MAX_WRITE

const { WalletOpened } = walletEvents
type Opened = EventOf<{ WalletOpened: typeof WalletOpened }>
type Movement = EventOf<typeof walletMovements>

/**
 * The sums of all money. A deposit does not say its currency, its wallet's first event does: that is noted beside
 * the sums when it is folded, and looked up there when it is needed.
 */
export const statsFoldable: Foldable = {
  ...foldable(stats),
  events: statsEvents,
  folderInto: (options) => knowingCurrencies(foldable(stats).folderInto(options), options),
}

const knowingCurrencies = (folder: Folder, { db, isSkipped }: FolderOptions): Folder => {
  const known = new LRUCache<UserId, string>({ max: KNOWN })
  return {
    ...folder,
    events: statsEvents,
    fold: async (events) => {
      const mine = events.filter((event) => event.position > folder.begun() && !isSkipped(event))
      for (const event of mine) if (isOpened(event)) known.set(event.data.ownerId, event.data.currency)
      const unknown = mine
        .filter(isMovement)
        .flatMap(({ data: { ownerId } }) => (known.has(ownerId) ? [] : ownerId))
      const noted = await currenciesOf(db, folder.collection(), new Set(unknown))
      for (const [owner, currency] of noted) known.set(owner, currency)
      return folder.fold(
        mine.map((event) => {
          if (!isMovement(event)) return event
          const { ownerId } = event.data
          const currency = known.get(ownerId)
          if (currency === undefined)
            throw new Error(`money moved in ${event.stream}, which was never opened`)
          return { ...event, data: { ...event.data, currency } }
        }),
      )
    },
  }
}

const isOpened = (event: Met<AnyEvent>): event is Recorded<Opened> =>
  !isUnreadable(event) && event.type === 'WalletOpened'

const isMovement = (event: Met<AnyEvent>): event is Recorded<Movement> =>
  !isUnreadable(event) && event.type in walletMovements

const currenciesOf = async (
  db: Db,
  collection: string,
  owners: ReadonlySet<UserId>,
): Promise<ReadonlyMap<UserId, string>> => {
  if (owners.size === 0) return new Map()
  const ids = new Map([...owners].map((owner) => [currencyNote(owner), owner]))
  const found = await inTime(
    db
      .collection<{ _id: string }>(collection)
      .find({ _id: { $in: [...ids.keys()] } }, { batchSize: ids.size })
      .toArray(),
  )
  return new Map(
    found.flatMap((raw) => {
      const { _id, currency } = WalletCurrency.parse(raw)
      const owner = ids.get(_id)
      return owner === undefined ? [] : [[owner, currency] as const]
    }),
  )
}
