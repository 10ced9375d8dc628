import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { CurrencyCode } from '../domain/money.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { RefusedAnswer, WalletAnswer, WalletCommands } from '../payments/commands.ts'
import { wallet } from '../payments/wallet.ts'
import type { DepositRefusal, OpenRefusal } from '../payments/wallet.ts'
import { projections } from '../projections/all.ts'
import type { Past } from '../projections/asOf.ts'
import type { LedgerDocument, WalletView } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import { walletRefusal } from '../payments/refusals.ts'
import { amountOutOfRange } from './input.ts'
import { member } from './member.ts'
import { isMovable, MoneyInput } from '../domain/money.ts'
import { tokenOf } from '../service/opaque.ts'
import { pastOf } from '../projections/pastOf.ts'
import { at, throughTime } from './past.ts'
import { mutationWithin, queryOver } from './resolver.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { maySee } from '../access/viewer.ts'

export interface WalletParts {
  readonly client: EventStoreDBClient
  readonly wallets: WalletCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

const OpenWallet = z.object({ input: z.object({ currency: CurrencyCode, idempotencyKey: IdempotencyKey }) })
const Deposit = z.object({ input: z.object({ money: MoneyInput, idempotencyKey: IdempotencyKey }) })
const Whose = z.object({ userId: UserId.nullish() })

/** Wallets: open, deposit, balance now or as of then, ledger. */
export const walletResolvers = ({ client, wallets, readModels, limit }: WalletParts) => {
  const mutation = mutationWithin(limit)
  return {
    Query: {
      wallet: throughTime(
        queryOver(readModels, 'wallets')(Whose, async ({ args, viewer }) => {
          const owner = args.userId ?? viewer.id
          const found = maySee(viewer, owner) ? await readModels.wallet(owner) : undefined
          return found && walletOf(found)
        }),
        queryOver(readModels)(Whose.extend({ at }), async ({ args, viewer }) => {
          const stream = streamOf(wallet, args.userId ?? viewer.id)
          const found = await pastOf(client, projections.wallets, stream, args.at)
          return found && walletOf(found)
        }),
      ),

      walletEntries: queryOver(
        readModels,
        'wallets',
        'ledger',
      )(z.object(paging), async ({ args, viewer }) => {
        const wanted = pageOf('entry', args)
        const wallet = await readModels.wallet(viewer.id)
        const page = wallet ? await readModels.ledger(viewer.id, wanted) : { documents: [], next: undefined }
        const node = entryIn(wallet?.balance.currency ?? '')
        return connectionOf('entry', wanted, page, ({ revision }) => revision, node)
      }),
    },

    Mutation: {
      openWallet: mutation(OpenWallet, async ({ args: { input }, viewer, context }) => {
        const cause = begin(context.requestId, viewer.id)
        return answerOf(await wallets.openWallet({ ownerId: viewer.id, ...input }, cause))
      }),

      deposit: mutation(Deposit, async ({ args, viewer, context }) => {
        const { money, idempotencyKey } = args.input
        if (!isMovable(money)) return amountOutOfRange
        const cause = begin(context.requestId, viewer.id)
        return answerOf(await wallets.deposit({ ownerId: viewer.id, money, idempotencyKey }, cause))
      }),
    },

    Wallet: { consistencyToken: ({ position }: { position: bigint | number }) => tokenOf(position) },
  }
}

const answerOf = (answer: WalletAnswer | RefusedAnswer<OpenRefusal | DepositRefusal>) => {
  if (answer.refused) return member(walletRefusal(answer.refused))
  const { ownerId: id, balance, revision, position } = answer
  return { __typename: 'Wallet', id, balance, revision, position } as const
}

export const walletOf = ({ _id: id, balance, revision, position }: Past<WalletView>) => ({
  id,
  balance,
  revision,
  position,
})

const entryIn =
  (currency: string) =>
  ({ _id: id, kind, amount, balance, orderId, topUpId, at }: LedgerDocument) => ({
    id,
    kind,
    amount: { amount, currency },
    balance: { amount: balance, currency },
    orderId,
    topUpId,
    at,
  })
