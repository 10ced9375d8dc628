import { isCurrency, leastOf, MOST } from './currencies.ts'
import { invalidRequest } from './fault.ts'

/** Throws a `Fault` unless that much can be charged in that currency. */
export const checkAmount = (amount: number, currency: string): void => {
  if (!isCurrency(currency)) throw invalidRequest(`Invalid currency: ${currency}.`, { param: 'currency' })
  if (amount < 1)
    throw invalidRequest('This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: 'amount',
    })
  if (amount > MOST)
    throw invalidRequest(`Amount must be no more than ${MOST} in the smallest unit of ${currency}.`, {
      code: 'amount_too_large',
      param: 'amount',
    })
  if (amount < leastOf(currency))
    throw invalidRequest(
      `Amount must be at least ${leastOf(currency)} in the smallest unit of ${currency}.`,
      { code: 'amount_too_small', param: 'amount' },
    )
}
