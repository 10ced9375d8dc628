import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import { orderConnection } from './order.ts'
import { AnyStatus } from './orderStatus.ts'
import { asPeriod, period } from './period.ts'
import { forAdmins, queryOver } from './resolver.ts'
import { walletOf } from './wallet.ts'

const AllOrders = z.object({
  filter: asPeriod(
    z.object({ status: AnyStatus.nullish(), customerId: UserId.nullish(), ...period }),
  ).nullish(),
  ...paging,
})

/** What is everybody's, for admins. */
export const adminResolvers = (readModels: ReadModels) => ({
  Query: {
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
