import { z } from 'zod'
import { CurrencyCode } from '../domain/money.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { RefusedAnswer, WalletAnswer, WalletCommands } from '../payments/commands.ts'
import type { DepositRefusal, OpenRefusal } from '../payments/wallet.ts'
import type { LedgerDocument, WalletDocument } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import { amountOutOfRange, idempotencyConflict, isMovable, MoneyInput } from './input.ts'
import { tokenOf } from './opaque.ts'
import { mutationWithin, queryOver } from './resolver.ts'
import type { RateLimit } from './rateLimit.ts'

export interface WalletParts {
  readonly wallets: WalletCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

const OpenWallet = z.object({ input: z.object({ currency: CurrencyCode, idempotencyKey: IdempotencyKey }) })
const Deposit = z.object({ input: z.object({ money: MoneyInput, idempotencyKey: IdempotencyKey }) })
const Nothing = z.object({})

/** Wallets: open, deposit, balance, ledger. */
export const walletResolvers = ({ wallets, readModels, limit }: WalletParts) => {
  const mutation = mutationWithin(limit)
  return {
    Query: {
      wallet: queryOver(readModels, 'wallets')(Nothing, async ({ viewer }) => {
        const found = await readModels.wallet(viewer.id)
        return found && walletOf(found)
      }),

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
  if (answer.refused) return refusal(answer.refused)
  const { ownerId: id, balance, revision, position } = answer
  return { __typename: 'Wallet', id, balance, revision, position } as const
}

const refusal = (refused: OpenRefusal | DepositRefusal) => {
  switch (refused.code) {
    case 'WALLET_EXISTS':
      return { __typename: 'WalletExists', message: 'You have a wallet already.' } as const
    case 'NO_WALLET':
      return { __typename: 'NoWallet', message: 'You have no wallet yet; open one first.' } as const
    case 'WRONG_CURRENCY': {
      const { currency } = refused
      const message = `Your wallet is in ${currency}, and takes nothing else.`
      return { __typename: 'WrongCurrency', message, currency } as const
    }
    case 'AMOUNT_OUT_OF_RANGE':
      return {
        __typename: 'AmountOutOfRange',
        message: 'With this deposit the balance would pass 9007199254740991 minor units.',
      } as const
    case 'IDEMPOTENCY_CONFLICT':
      return idempotencyConflict
    default:
      return refused satisfies never
  }
}

const walletOf = ({ _id: id, balance, revision, position }: WalletDocument) => ({
  id,
  balance,
  revision,
  position,
})

const entryIn =
  (currency: string) =>
  ({ _id: id, kind, amount, balance, orderId, at }: LedgerDocument) => ({
    id,
    kind,
    amount: { amount, currency },
    balance: { amount: balance, currency },
    orderId,
    at,
  })
