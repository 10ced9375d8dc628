import { Stripe } from 'stripe'
import { cardOf } from '../books/cards.ts'
import type { CardError, Charge, Event, Intent, PaymentMethod, Record, Refund } from '../books/records.ts'
import type { Ledger } from '../store/ledger.ts'

/** Where the node is reached, for the addresses that its objects hold. */
export interface Surroundings {
  readonly ledger: Pick<Ledger, 'get'>
  readonly url: string
}

/** The page on which a card's holder proves who they are. */
export const authenticationPage = (url: string, { id, client_secret }: Intent): string =>
  `${url}/3d_secure_2/hosted?${new URLSearchParams({ payment_intent: id, payment_intent_client_secret: client_secret }).toString()}`

const last4 = (number: string): string => number.slice(-4)

export const showMethod = ({ card: name, exp_month, exp_year, ...rest }: PaymentMethod) => {
  const { brand, funding, number, authentication } = cardOf(name)
  return {
    ...rest,
    billing_details: { address: null, tax_id: null, ...rest.billing_details },
    card: {
      brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: brand,
      exp_month,
      exp_year,
      funding,
      generated_from: null,
      last4: last4(number),
      networks: { available: [brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: authentication === 'required' },
      wallet: null,
    },
    customer: null,
    customer_account: null,
    livemode: false,
    type: 'card',
  } satisfies Stripe.PaymentMethod
}

/** An error of a card shows the card. */
const showCardError = ({ payment_method, ...error }: CardError, { ledger }: Surroundings) => {
  const method = ledger.get('payment_method', payment_method)
  return {
    ...error,
    ...(method ? { payment_method: showMethod(method) } : {}),
    payment_method_type: 'card',
  } satisfies Stripe.PaymentIntent.LastPaymentError
}

export const showIntent = ({ return_url, ...intent }: Intent, surroundings: Surroundings) =>
  ({
    ...intent,
    last_payment_error: intent.last_payment_error && showCardError(intent.last_payment_error, surroundings),
    next_action:
      intent.status === 'requires_action'
        ? {
            type: 'redirect_to_url',
            redirect_to_url: {
              return_url,
              url: authenticationPage(surroundings.url, { return_url, ...intent }),
            },
          }
        : null,
    allowed_payment_method_types: intent.allowed_payment_method_types,
    amount_capturable: 0,
    amount_received: intent.status === 'succeeded' ? intent.amount : 0,
    application: null,
    application_fee_amount: null,
    capture_method: 'automatic',
    confirmation_method: 'automatic',
    customer: null,
    customer_account: null,
    excluded_payment_method_types: null,
    livemode: false,
    managed_payments: null,
    on_behalf_of: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_record: null,
    processing: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    transfer_group: null,
  }) satisfies Stripe.PaymentIntent

export const showCharge = ({ authenticated, decline_code, ...charge }: Charge, { ledger }: Surroundings) => {
  const method = ledger.get('payment_method', charge.payment_method)
  const paid = charge.status === 'succeeded'
  return {
    ...charge,
    amount_captured: paid ? charge.amount : 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: null,
      email: null,
      name: null,
      phone: null,
      tax_id: null,
      ...method?.billing_details,
    },
    calculated_statement_descriptor: null,
    captured: paid,
    customer: null,
    disputed: false,
    failure_balance_transaction: null,
    fraud_details: {},
    livemode: false,
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: paid ? 'approved_by_network' : 'declined_by_network',
      reason: decline_code,
      risk_level: 'normal',
      seller_message: paid ? 'Payment complete.' : 'The bank did not approve the charge.',
      type: paid ? 'authorized' : 'issuer_declined',
    },
    paid,
    payment_method_details: method
      ? { type: 'card', card: cardDetails(charge.amount, method, authenticated) }
      : null,
    receipt_number: null,
    receipt_url: null,
    refunded: paid && charge.amount_refunded === charge.amount,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    transfer_data: null,
    transfer_group: null,
  } satisfies Stripe.Charge
}

const cardDetails = (
  amount: number,
  { card: name, exp_month, exp_year }: PaymentMethod,
  authenticated: boolean,
) => {
  const { brand, funding, number } = cardOf(name)
  return {
    amount_authorized: amount,
    authorization_code: null,
    brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    electronic_commerce_indicator: null,
    exp_month,
    exp_year,
    funding,
    installments: null,
    last4: last4(number),
    mandate: null,
    network: brand,
    network_transaction_id: null,
    regulated_status: 'unregulated',
    three_d_secure: authenticated
      ? {
          authentication_flow: 'challenge',
          electronic_commerce_indicator: '05',
          exemption_indicator: null,
          result: 'authenticated',
          result_reason: null,
          transaction_id: null,
          version: '2.2.0',
        }
      : null,
    transaction_link_id: null,
    wallet: null,
  } satisfies Stripe.Charge.PaymentMethodDetails.Card
}

export const showRefund = ({ failure_reason, ...refund }: Refund) =>
  ({
    ...refund,
    ...(failure_reason === null ? {} : { failure_reason }),
    ...(refund.status === 'pending' ? { pending_reason: 'processing' } : {}),
    balance_transaction: null,
    customer: null,
    customer_account: null,
    destination_details: { type: 'card', card: { type: 'refund' } },
    payment_method: null,
    receipt_number: null,
    source_transfer_reversal: null,
    transfer_reversal: null,
  }) satisfies Stripe.Refund

export const showEvent = ({ pending, ...event }: Event) => ({
  ...event,
  api_version: Stripe.API_VERSION,
  livemode: false,
  pending_webhooks: pending ? 1 : 0,
})

/** A record as Stripe would show it. */
export const show = (record: Record, surroundings: Surroundings) => {
  switch (record.object) {
    case 'payment_method':
      return showMethod(record)
    case 'payment_intent':
      return showIntent(record, surroundings)
    case 'charge':
      return showCharge(record, surroundings)
    case 'refund':
      return showRefund(record)
    case 'event':
      return showEvent(record)
    default:
      return record satisfies never
  }
}
