import { idempotencyConflict } from '../domain/refusals.ts'
import type { DepositRefusal, OpenRefusal } from './wallet.ts'

/** What somebody is told when their wallet can't be what they want. */
export const walletRefusal = (refused: OpenRefusal | DepositRefusal) => {
  switch (refused.code) {
    case 'WALLET_EXISTS':
      return { kind: 'WalletExists', message: 'You have a wallet already.' } as const
    case 'NO_WALLET':
      return { kind: 'NoWallet', message: 'You have no wallet yet; open one first.' } as const
    case 'WRONG_CURRENCY': {
      const { currency } = refused
      const message = `Your wallet is in ${currency}, and takes nothing else.`
      return { kind: 'WrongCurrency', message, currency } as const
    }
    case 'AMOUNT_OUT_OF_RANGE':
      return {
        kind: 'AmountOutOfRange',
        message: 'With this deposit the balance would pass 9007199254740991 minor units.',
      } as const
    case 'IDEMPOTENCY_CONFLICT':
      return idempotencyConflict
    default:
      return refused satisfies never
  }
}
