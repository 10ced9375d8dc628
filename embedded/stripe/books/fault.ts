export type FaultType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** What an error object of Stripe's holds beside its type and message. */
export interface FaultDetails {
  readonly code?: string
  readonly decline_code?: string
  readonly param?: string
}

/** A request that is answered with an error object. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly status: number
  readonly type: FaultType
  readonly details: FaultDetails
  /** The intent that is in the way, shown with the error. */
  readonly intent: string | undefined

  constructor(status: number, type: FaultType, message: string, details: FaultDetails = {}, intent?: string) {
    super(message)
    this.status = status
    this.type = type
    this.details = details
    this.intent = intent
  }
}

export const invalidRequest = (message: string, details: FaultDetails = {}): Fault =>
  new Fault(400, 'invalid_request_error', message, details)

export const noSuch = (what: string, id: string, param = 'id'): Fault =>
  new Fault(404, 'invalid_request_error', `No such ${what}: '${id}'`, { code: 'resource_missing', param })

/** The intent is in a state in which this can't be done. */
export const unexpectedState = (intent: string, message: string): Fault =>
  new Fault(400, 'invalid_request_error', message, { code: 'payment_intent_unexpected_state' }, intent)
