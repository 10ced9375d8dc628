import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { OrderStatus } from '../projections/documents.ts'
import type { StatsDocument } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import { tokenOf } from '../service/opaque.ts'
import { orderConnection } from './order.ts'
import { asPeriod, period } from './period.ts'
import { forAdmins, queryOver } from './resolver.ts'
import { walletOf } from './wallet.ts'

const AllOrders = z.object({
  filter: asPeriod(
    z.object({ status: OrderStatus.nullish(), customerId: UserId.nullish(), ...period }),
  ).nullish(),
  ...paging,
})

/** What is everybody's, for admins. */
export const adminResolvers = (readModels: ReadModels) => ({
  Query: {
    stats: forAdmins(
      queryOver(readModels, 'stats')(z.object({}), async () => statsOf(await readModels.stats())),
    ),

    allOrders: forAdmins(
      queryOver(readModels, 'orders')(AllOrders, ({ args }) => {
        const { status, customerId, from, to } = args.filter ?? {}
        return orderConnection(args, status, (reached, page) =>
          readModels.allOrders({ status: reached, customerId: customerId ?? undefined, from, to }, page),
        )
      }),
    ),

    wallets: forAdmins(
      queryOver(readModels, 'wallets')(z.object(paging), async ({ args }) => {
        const wanted = pageOf('wallet', args)
        const page = await readModels.wallets(wanted)
        return connectionOf('wallet', wanted, page, ({ openedPosition }) => openedPosition, walletOf)
      }),
    ),
  },
})

const statsOf = (found: StatsDocument | undefined) => ({
  orders: OrderStatus.options.map((status) => ({ status, count: found?.orders[status] ?? 0 })),
  money: Object.entries(found?.money ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([currency, { deposited, debited, paid, refunded = '0', paidByCard = '0', refundedToCard = '0' }]) => ({
        currency,
        deposited,
        debited,
        refunded,
        held: String(BigInt(deposited) - BigInt(debited) + BigInt(refunded)),
        paid,
        paidByCard,
        refundedToCard,
      }),
    ),
  consistencyToken: tokenOf(found?.position ?? 0),
})
