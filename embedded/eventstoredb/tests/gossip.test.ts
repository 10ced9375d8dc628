import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { rawCall } from './raw-call.ts'
import { newStream, noted, notesIn, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

it('is of a leader that is alive, at an address that can be dialled', async () => {
  const { code, messages } = await rawCall(server.url, '/event_store.client.gossip.Gossip/Read', [
    Buffer.alloc(0),
  ])
  expect(code).toBe(0)
  const members = gossip.ClusterInfo.deserializeBinary(messages[0] ?? Buffer.alloc(0)).getMembersList()
  const leaders = members.filter((member) => member.getState() === gossip.MemberInfo.VNodeState.LEADER)
  expect(leaders).toHaveLength(1)
  const [leader] = leaders
  expect(leader?.getIsAlive()).toBe(true)
  expect(leader?.getInstanceId()?.getString()).toMatch(/^[\da-f-]{36}$/u)
  // Ticks of 100 ns since 1970.
  expect(Math.abs(Number(leader?.getTimeStamp()) / 10_000 - Date.now())).toBeLessThan(60_000)
  const address = leader?.getHttpEndPoint()
  const client = EventStoreDBClient.connectionString(
    `esdb://${address?.getAddress()}:${address?.getPort()}?tls=${new URL(server.url).searchParams.get('tls')}`,
  )
  const stream = newStream()
  await client.appendToStream(stream, noted('a'))
  expect(await notesIn(server.client, stream)).toEqual(['a'])
  void client.dispose()
})

it('leads clients that ask for it to the node', async () => {
  const { hostname, port, searchParams } = new URL(server.url)
  const endpoint = { address: hostname, port: Number(port) }
  const insecure = searchParams.get('tls') === 'false'
  const client = new EventStoreDBClient({ endpoints: [endpoint, endpoint] }, { insecure })
  const stream = newStream()
  await client.appendToStream(stream, noted('a'))
  expect(await notesIn(client, stream)).toEqual(['a'])
  void client.dispose()
})
