import type { z } from 'zod'
import { Fault } from '../books/fault.ts'
import type { EventType, ObjectType, Record as Kept } from '../books/records.ts'
import type { Ledger } from '../store/ledger.ts'
import { expanded } from './expand.ts'
import type { Form } from './form.ts'
import { parse } from './parameters.ts'
import { show, showIntent } from './render.ts'
import type { Surroundings } from './render.ts'

export type Shown = Readonly<Record<string, unknown>>

export interface Answer {
  readonly status: number
  readonly body: Shown
}

/** What a request is decided with. */
export interface Call<P = unknown> extends Surroundings {
  readonly ledger: Ledger
  readonly params: P
  /** What stands in the path for `:id`. */
  readonly id: string
  /** In seconds, as Stripe's times are. */
  readonly at: number
  /** Asked with the publishable key: then whoever asks has to know the intent's client secret. */
  readonly publishable: boolean
  /** Says to whoever listens what has just become of an object. Only in a POST. */
  readonly announce: (type: EventType, record: Kept) => void
}

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly url: string
  /** May be asked with the publishable key, as from a browser. */
  readonly publishable: boolean
  /** Reads the parameters, or throws a `Fault`; what it returns decides, a POST inside of a write. */
  readonly prepare: (form: { readonly [name: string]: Form }) => (call: Omit<Call, 'params'>) => Answer
}

export const endpoint = <P extends { readonly expand?: readonly string[] | undefined }>(
  method: Endpoint['method'],
  url: string,
  parameters: z.ZodType<P>,
  decide: (call: Call<P>) => Shown,
  { publishable = false }: { readonly publishable?: boolean } = {},
): Endpoint => ({
  method,
  url,
  publishable,
  prepare: (form) => {
    const params = parse(parameters, form)
    return (call) => {
      try {
        const body = decide({ ...call, params })
        return { status: 200, body: expanded(body, params.expand ?? [], call) }
      } catch (error) {
        if (error instanceof Fault) return answerOf(error, call)
        throw error
      }
    }
  },
})

/** An error object, with the intent that it is about. */
export const answerOf = (fault: Fault, surroundings: Surroundings): Answer => {
  const intent =
    fault.intent === undefined ? undefined : surroundings.ledger.get('payment_intent', fault.intent)
  return {
    status: fault.status,
    body: {
      error: {
        type: fault.type,
        ...fault.details,
        ...(fault.details.code === undefined
          ? {}
          : { doc_url: `https://stripe.com/docs/error-codes/${fault.details.code.replaceAll('_', '-')}` }),
        message: fault.message,
        ...(intent ? { payment_intent: showIntent(intent, surroundings) } : {}),
      },
    },
  }
}

export interface ListParameters {
  readonly limit: number
  readonly starting_after?: string | undefined
  readonly ending_before?: string | undefined
}

/** A page of a list, newest first. */
export const listOf = (call: Call<ListParameters>, object: ObjectType, list: string = object): Shown => {
  const { limit, starting_after: after, ending_before: before } = call.params
  const records = call.ledger.list(object, list, { limit, after, before })
  const has_more = records.length > limit
  const page = before === undefined ? records.slice(0, limit) : records.slice(-limit)
  return {
    object: 'list',
    data: page.map((record) => show(record, call)),
    has_more,
    url: urlOf[object],
  }
}

const urlOf: Readonly<Record<ObjectType, string>> = {
  payment_intent: '/v1/payment_intents',
  payment_method: '/v1/payment_methods',
  charge: '/v1/charges',
  refund: '/v1/refunds',
  event: '/v1/events',
}
