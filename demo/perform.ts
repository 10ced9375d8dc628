import type { HttpClient } from '../client/http.ts'
import { operations } from '../client/operations.ts'
import { watching } from '../client/watch.ts'
import type { Person, PlannedOrder } from './cast.ts'
import { crowd } from './crowd.ts'
import { follow } from './follow.ts'
import type { Followed } from './follow.ts'
import { patiently } from './patience.ts'
import { count } from './tally.ts'
import type { Tally } from './tally.ts'

/** An order that was placed and followed to its end. */
export interface Performed extends Followed {
  readonly planned: PlannedOrder
  readonly id: string
}

/** The API refused something that it should not have refused. */
export class Refused extends Error {
  override readonly name = 'Refused'
}

interface Stage {
  readonly client: HttpClient
  readonly url: string
  readonly cast: readonly Person[]
  readonly concurrency: number
  readonly tally: Tally
}

/** Opens the wallets and pays in. */
export const prepare = async ({ client, cast, concurrency, tally }: Stage): Promise<void> => {
  const api = operations(client)
  const onFault = () => tally.faults++
  await crowd(cast, concurrency, async ({ id, currency, deposits }) => {
    if (currency === undefined) return
    accepted(await patiently(() => api.openWallet(id, currency, 'open'), onFault))
    for (const { money, key } of deposits)
      accepted(await patiently(() => api.deposit(id, money, key), onFault))
  })
}

/** Places every order and follows it to its end; each person has one WebSocket for all of theirs. */
export const perform = async ({
  client,
  url,
  cast,
  concurrency,
  tally,
}: Stage): Promise<readonly Performed[]> => {
  const api = operations(client)
  const onFault = () => tally.faults++
  const sockets = new Map(cast.map(({ id }) => [id, watching(url, id)]))
  const performed: Performed[] = []
  try {
    await crowd(inTurn(cast), concurrency, async (planned) => {
      const socket = sockets.get(planned.customer)
      if (!socket) return
      const { key: idempotencyKey, price, description } = planned
      const begun = performance.now()
      const order = accepted(
        await patiently(
          () => api.placeOrder(planned.customer, { price, description, idempotencyKey }),
          onFault,
        ),
      )
      tally.placed++
      const followed = await follow(socket, order.id, onFault)
      tally.latencies.push(performance.now() - begun)
      count(tally.ended, followed.last.status)
      if (followed.last.failure) count(tally.reasons, followed.last.failure.reason)
      performed.push({ ...followed, planned, id: order.id })
    })
  } finally {
    await Promise.all([...sockets.values()].map(async (socket) => socket.close()))
  }
  return performed
}

/** The first order of each person, then the second of each, and so on. */
function* inTurn(cast: readonly Person[]): Generator<PlannedOrder> {
  const most = Math.max(...cast.map(({ orders }) => orders.length))
  for (let index = 0; index < most; index++)
    for (const { orders } of cast) {
      const planned = orders[index]
      if (planned) yield planned
    }
}

const accepted = <R extends { readonly __typename: string }>(
  answer: R,
): Extract<R, { readonly __typename: 'Wallet' | 'Order' }> => {
  if (isAccepted(answer)) return answer
  throw new Refused(`${answer.__typename}: ${'message' in answer ? String(answer.message) : ''}`)
}

const isAccepted = <R extends { readonly __typename: string }>(
  answer: R,
): answer is Extract<R, { readonly __typename: 'Wallet' | 'Order' }> =>
  answer.__typename === 'Wallet' || answer.__typename === 'Order'
