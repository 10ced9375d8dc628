/** Why an issuer says no. */
export interface Decline {
  readonly code: string
  readonly decline_code?: string
  readonly message: string
}

export interface Card {
  readonly number: string
  readonly brand: 'visa' | 'mastercard' | 'amex' | 'discover'
  readonly funding: 'credit' | 'debit' | 'prepaid'
  /** The holder has to prove who they are, before anything is charged. */
  readonly authentication?: 'required'
  readonly decline?: Decline
  /** What becomes of its refunds: at once there, on their way for a while, or sent back later. */
  readonly refunds?: 'pending' | 'failing'
}

const declined = (decline_code: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  decline_code,
  message,
})
const insufficientFunds = declined('insufficient_funds', 'Your card has insufficient funds.')
const visa = { brand: 'visa', funding: 'credit' } as const

/** The test cards that are published for Stripe's test mode, by the name in `pm_card_<name>`. */
export const cards = {
  visa: { ...visa, number: '4242424242424242' },
  visa_debit: { ...visa, number: '4000056655665556', funding: 'debit' },
  mastercard: { brand: 'mastercard', funding: 'credit', number: '5555555555554444' },
  mastercard_debit: { brand: 'mastercard', funding: 'debit', number: '5200828282828210' },
  mastercard_prepaid: { brand: 'mastercard', funding: 'prepaid', number: '5105105105105100' },
  amex: { brand: 'amex', funding: 'credit', number: '378282246310005' },
  discover: { brand: 'discover', funding: 'credit', number: '6011111111111117' },

  visa_chargeDeclined: { ...visa, number: '4000000000000002', decline: declined('generic_decline') },
  visa_chargeDeclinedInsufficientFunds: { ...visa, number: '4000000000009995', decline: insufficientFunds },
  visa_chargeDeclinedLostCard: { ...visa, number: '4000000000009987', decline: declined('lost_card') },
  visa_chargeDeclinedStolenCard: { ...visa, number: '4000000000009979', decline: declined('stolen_card') },
  visa_chargeDeclinedVelocityLimitExceeded: {
    ...visa,
    number: '4000000000006975',
    decline: declined('card_velocity_exceeded'),
  },
  chargeDeclinedExpiredCard: {
    ...visa,
    number: '4000000000000069',
    decline: { code: 'expired_card', message: 'Your card has expired.' },
  },
  chargeDeclinedIncorrectCvc: {
    ...visa,
    number: '4000000000000127',
    decline: { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  },
  chargeDeclinedProcessingError: {
    ...visa,
    number: '4000000000000119',
    decline: { code: 'processing_error', message: 'The card could not be processed. Try again later.' },
  },

  authenticationRequired: { ...visa, number: '4000002760003184', authentication: 'required' },
  authenticationRequiredOnSetup: { ...visa, number: '4000002500003155', authentication: 'required' },
  threeDSecure2Required: { ...visa, number: '4000000000003220', authentication: 'required' },
  authenticationRequiredChargeDeclinedInsufficientFunds: {
    ...visa,
    number: '4000008260003178',
    authentication: 'required',
    decline: insufficientFunds,
  },
  threeDSecureRequiredChargeDeclined: {
    ...visa,
    number: '4000008400001629',
    authentication: 'required',
    decline: declined('generic_decline'),
  },

  pendingRefund: { ...visa, number: '4000000000007726', refunds: 'pending' },
  refundFail: { ...visa, number: '4000000000005126', refunds: 'failing' },
} as const satisfies { readonly [name: string]: Card }

export type CardName = keyof typeof cards

const isCardName = (name: string): name is CardName => Object.hasOwn(cards, name)
export const cardNames = Object.keys(cards).filter(isCardName)

export const cardOf = (name: CardName): Card => cards[name]

/** Some cards go by their name with and without the brand. */
export const cardByTestId = (id: string): CardName | undefined => {
  const name = /^(?:pm_card|tok)_(\w+)$/.exec(id)?.[1] ?? ''
  return [name, `visa_${name}`, name.replace(/^visa_/, '')].find(isCardName)
}

export const cardByNumber = (number: string): CardName | undefined =>
  cardNames.find((name) => cards[name].number === number)

/** Whether the digits can be those of a card at all (the check digit of Luhn). */
export const isPossibleNumber = (number: string): boolean => {
  if (!/^\d{12,19}$/.test(number)) return false
  const digits = number.split('').toReversed().map(Number)
  const sum = digits
    .map((digit, i) => (i % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2))
    .reduce((total, digit) => total + digit, 0)
  return sum % 10 === 0
}
