import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { z } from 'zod'
import { ApiError } from './http.ts'
import { OrderStatus } from './operations.ts'

const OrderUpdate = z.object({
  orderId: z.string(),
  status: OrderStatus,
  revision: z.int(),
  consistencyToken: z.string(),
  failure: z
    .object({ reason: z.string(), shortBy: z.object({ amount: z.int(), currency: z.string() }).nullable() })
    .nullable(),
})
export type OrderUpdate = z.infer<typeof OrderUpdate>

const FIELDS = 'orderId status revision consistencyToken failure { reason shortBy { amount currency } }'

const refuse = (error: { readonly message: string; readonly extensions?: unknown } | undefined) => {
  if (!error) return
  const { data } = z.object({ code: z.string() }).safeParse(error.extensions)
  throw new ApiError(data?.code ?? 'UNKNOWN', error.message)
}

/** A WebSocket connection of one person; each watcher ends when its iterator is left. */
export const watching = (url: string, user: string) => {
  class AsUser extends WebSocket {
    constructor(address: string, protocols?: string | string[]) {
      super(address, protocols, { headers: { 'x-user-id': user } })
    }
  }
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    webSocketImpl: AsUser,
    lazy: true,
    retryAttempts: 0,
  })
  return {
    /** Every status that any order of this person reaches from now on. */
    myOrders: async function* (): AsyncGenerator<OrderUpdate> {
      for await (const { data, errors } of client.iterate({
        query: `subscription { myOrders { ${FIELDS} } }`,
      })) {
        refuse(errors?.[0])
        yield z.object({ myOrders: OrderUpdate }).parse(data).myOrders
      }
    },
    /** The statuses of one order that are newer than `afterRevision`; from the present one if it is not given. */
    orderStatus: async function* (orderId: string, afterRevision?: number): AsyncGenerator<OrderUpdate> {
      const query = `subscription($orderId: ID!, $afterRevision: Int) {
        orderStatus(orderId: $orderId, afterRevision: $afterRevision) { ${FIELDS} }
      }`
      const variables = { orderId, afterRevision: afterRevision ?? null }
      for await (const { data, errors } of client.iterate({ query, variables })) {
        refuse(errors?.[0])
        yield z.object({ orderStatus: OrderUpdate }).parse(data).orderStatus
      }
    },
    close: () => client.dispose(),
  }
}
export type Watching = ReturnType<typeof watching>
