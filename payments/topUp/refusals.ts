import { walletRefusal } from '../refusals.ts'
import type { TopUpRefusal } from './commands.ts'

/** What somebody is told when they can't pay into their wallet by card. */
export const topUpRefusal = (refused: TopUpRefusal) => {
  switch (refused.code) {
    case 'NOT_CHARGEABLE':
      return {
        kind: 'NotChargeable',
        message:
          refused.because === 'CURRENCY'
            ? 'Cards can’t be charged in the currency of your wallet.'
            : 'Cards can’t be charged this amount; it is too small or too large.',
      } as const
    case 'TOP_UP_CANCELLED':
      return {
        kind: 'TopUpCancelled',
        message: 'This was not paid in time and is cancelled; begin again with a new key.',
      } as const
    default:
      return walletRefusal(refused)
  }
}
