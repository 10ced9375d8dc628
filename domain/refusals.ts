/** A refusal as clients are told of it: its kind, a readable message, and what else there is to know. */
export interface Said {
  readonly kind: string
  readonly message: string
}

/** The answer to an amount that can't be moved at all. */
export const amountOutOfRange = {
  kind: 'AmountOutOfRange',
  message: 'The amount must be between 1 and 9007199254740991 minor units.',
} as const

/** The answer to a key that was used before for something else. */
export const idempotencyConflict = {
  kind: 'IdempotencyConflict',
  message: 'This idempotency key was used before, with another input; take a new key for a new request.',
} as const
