import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { RestServices } from './restServices.ts'

/** What an answer's body is, as loosely as a client sees it. */
const Body = z.looseObject({})
export type Body = z.infer<typeof Body>

export interface RestAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
  /** Of the answer, to be given back. */
  readonly token: string
}

export interface RestRequest {
  readonly body?: unknown
  /** Idempotency key; a new one if not given, and none at all where it is empty. */
  readonly key?: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Who {
  readonly id: string
  readonly role?: 'ADMIN'
}

const identity = ({ id, role }: Who) => ({ 'x-user-id': id, ...(role && { 'x-user-role': role }) })

/** Asks both services as somebody: `ask(ann, 'POST /orders', { body })`. */
export const restClient = ({ orders, payments }: Pick<RestServices, 'orders' | 'payments'>) => {
  const ask = async (
    who: Who | undefined,
    what: `${'GET' | 'POST'} /${string}`,
    { body, key = randomUUID(), token, headers }: RestRequest = {},
  ): Promise<RestAnswer> => {
    const [method = '', path = ''] = what.split(' ')
    const response = await fetch(`${path.startsWith('/orders') ? orders : payments}${path}`, {
      method,
      headers: {
        ...(who && identity(who)),
        ...(method === 'POST' && key !== '' && { 'idempotency-key': key }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { 'x-consistency-token': token }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const said = Body.parse(await response.json())
    return {
      status: response.status,
      headers: response.headers,
      body: said,
      token: response.headers.get('x-consistency-token') ?? '',
    }
  }

  return {
    ask,

    /** Somebody new, with so much in their account. */
    customer: async (balance = 10_000): Promise<Who> => {
      const who = { id: randomUUID() }
      await ask(who, 'POST /accounts')
      if (balance > 0) await ask(who, 'POST /accounts/deposit', { body: { amount: balance } })
      return who
    },

    /** Somebody's order of a book. */
    place: async (who: Who, body: object = { amount: 1_999, description: 'a book' }) => {
      const { body: order, token } = await ask(who, 'POST /orders', { body })
      return { id: z.string().parse(order['id']), token }
    },

    /** Where an order is watched. */
    socketUrl: (id: string): string => `${orders.replace('http', 'ws')}/orders/${id}/ws`,
    identity,
  }
}
export type RestClient = ReturnType<typeof restClient>

export const anAdmin = (): Who => ({ id: randomUUID(), role: 'ADMIN' })
