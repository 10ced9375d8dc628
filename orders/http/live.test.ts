import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { headerAccess } from '../../access/access.ts'
import type { Access } from '../../access/access.ts'
import { closeHttp } from '../../service/http.ts'
import { restClient } from '../../tests/restClient.ts'
import type { RestClient, Who } from '../../tests/restClient.ts'
import { watchSocket } from '../../tests/restSocket.ts'
import { startRestServices } from '../../tests/restServices.ts'
import type { RestServices } from '../../tests/restServices.ts'
import { startNodes } from '../../tests/startNodes.ts'

const over = new Map<string, (why: string) => void>()
/** Access that ends when a test says so. */
const access: Access = {
  ...headerAccess,
  onceOver: ({ id }, tell) => {
    over.set(id, tell)
    return () => over.delete(id)
  },
}

let rest: RestServices
let client: RestClient
let stop: () => Promise<unknown>
beforeAll(async () => {
  const nodes = await startNodes()
  rest = await startRestServices({ ...nodes, access, live: { pingEvery: 100, maxSockets: 4 } })
  client = restClient(rest)
  stop = async () => {
    await rest.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const watch = (who: Who, id: string, headers: Readonly<Record<string, string>> = {}) =>
  watchSocket(client.socketUrl(id), { ...client.identity(who), ...headers })
const told = (id: string, ...statuses: readonly string[]) =>
  statuses.map((status) => JSON.stringify({ order_id: id, status }))
const byCard = { amount: 1_999, description: 'a book', payment_method: 'CARD' }
const quiet = () => expect.poll(() => rest.hub.watchers()).toBe(0)

describe('watching an order', () => {
  it('tells its status at once, and then each change, to the end', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, byCard)
    const { messages, closed } = watch(ann, id)
    await expect.poll(() => messages).toEqual(told(id, 'pending'))
    await client.ask(ann, `POST /orders/${id}/cancel`)
    expect(await closed).toBe(1000)
    expect(messages).toEqual(told(id, 'pending', 'cancelled'))
    await quiet()
  })

  it('tells each status once and leaves none out, whenever one comes', async () => {
    const ann = await client.customer(100_000)
    const wanted = [told('', 'pending', 'paid'), told('', 'paid')]
    for (let n = 0; n < 10; n++) {
      const { id } = await client.place(ann)
      const { socket, messages } = watch(ann, id)
      await expect.poll(() => messages.at(-1)).toEqual(told(id, 'paid')[0])
      // Being reserved and awaiting payment are one to whoever watches.
      expect(wanted).toContainEqual(messages.map((message) => message.replace(id, '')))
      socket.close()
    }
    await quiet()
  })

  it('is refused before there is a WebSocket', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, byCard)
    expect(await watchSocket(client.socketUrl(id)).answered).toBe(401)
    expect(await watch({ id: randomUUID() }, id).answered).toBe(404)
    expect(await watch(ann, randomUUID()).answered).toBe(404)
    expect(await watch(ann, 'mine').answered).toBe(400)
    expect(await watch(ann, id, { 'x-consistency-token': 'mine' }).answered).toBe(400)
    expect(await watchSocket(client.socketUrl(id).replace('/orders', '/nowhere')).answered).toBe(404)
    expect((await client.ask(ann, `GET /orders/${id}/ws`)).status).toBe(426)
    await quiet()
  })

  it('is refused while there are as many sockets as there may be', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, byCard)
    const open = Array.from({ length: 4 }, () => watch(ann, id))
    await expect.poll(() => open.flatMap(({ messages }) => messages)).toHaveLength(4)
    expect(await watch(ann, id).answered).toBe(503)
    for (const { socket } of open) socket.close()
    await quiet()
    await expect.poll(() => watch(ann, id).answered).toBe(101)
  })

  it('ends with the access of who watches', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, byCard)
    const { messages, closed } = watch(ann, id)
    await expect.poll(() => messages).toHaveLength(1)
    over.get(ann.id)?.('The token has expired.')
    expect(await closed).toBe(4403)
    await quiet()
  })

  it('ends when the client does not answer pings, or says too much', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, byCard)
    const mute = createConnection(Number(new URL(rest.orders).port), '127.0.0.1')
    mute.write(
      `GET /orders/${id}/ws HTTP/1.1\r\nHost: x\r\nX-User-ID: ${ann.id}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    )
    mute.resume()
    await once(mute, 'close')

    const loud = watch(ann, id)
    await loud.answered
    loud.socket.send('x'.repeat(2_000))
    expect(await loud.closed).toBe(1009)
    await quiet()
  })
})

it('a service that stops sends its watchers away, to come again elsewhere', async () => {
  const ann = { id: randomUUID() }
  const { id } = await client.place(ann, byCard)
  const { messages, closed } = watch(ann, id)
  await expect.poll(() => messages).toHaveLength(1)
  const stopped = closeHttp(rest.ordersHttp)
  expect(await closed).toBe(1001)
  await stopped
})
