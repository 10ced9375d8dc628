import monitoring from '@eventstore/db-client/generated/monitoring_pb.js'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openRawCall } from './raw-call.ts'
import { newStream, noted, range, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const path = '/event_store.client.monitoring.Monitoring/Stats'

function request(refreshMs: number): Uint8Array {
  const message = new monitoring.StatsReq()
  message.setRefreshTimePeriodInMs(String(refreshMs))
  return message.serializeBinary()
}

function figuresIn(message: Buffer | undefined): ReadonlyMap<string, string> {
  const figures = new Map<string, string>()
  monitoring.StatsResp.deserializeBinary(message ?? Buffer.alloc(0))
    .getStatsMap()
    .forEach((value, name) => figures.set(name, value))
  return figures
}

it('tells the figures of the node again and again, until the client has enough', async () => {
  const call = openRawCall(server.url, path)
  call.send(request(50))
  call.halfClose()
  const [first] = await call.receive(1)
  const before = figuresIn(first)
  for (const name of ['proc-id', 'proc-mem', 'sys-freeMem', 'es-checksum']) {
    expect(Number(before.get(name))).toBeGreaterThan(0)
  }
  await server.client.appendToStream(newStream(), range(0, 100).map(String).map(noted))
  // The next but one has been gathered after the append.
  const told = call.messages.length
  const messages = await call.receive(told + 2)
  const after = figuresIn(messages.at(-1))
  expect(Number(after.get('es-checksum'))).toBeGreaterThan(Number(before.get('es-checksum')))
  call.cancel()
})

it('tells at once, however long the period is', async () => {
  const call = openRawCall(server.url, path)
  call.send(request(2 ** 40))
  call.halfClose()
  expect(figuresIn((await call.receive(1))[0]).size).toBeGreaterThan(10)
  call.cancel()
})
