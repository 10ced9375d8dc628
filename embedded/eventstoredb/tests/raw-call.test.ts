import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { openRawCall, rawCall } from './raw-call.ts'
import { newStream, noted, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const read = '/event_store.client.streams.Streams/Read'

function subscriptionTo(stream: string): Uint8Array {
  const { Options } = streams.ReadReq
  const name = new shared.StreamIdentifier()
  name.setStreamName(Buffer.from(stream).toString('base64'))
  const source = new Options.StreamOptions()
  source.setStreamIdentifier(name)
  source.setStart(new shared.Empty())
  const ids = new Options.UUIDOption()
  ids.setString(new shared.Empty())
  const options = new Options()
  options.setStream(source)
  options.setSubscription(new Options.SubscriptionOptions())
  options.setNoFilter(new shared.Empty())
  options.setUuidOption(ids)
  const request = new streams.ReadReq()
  request.setOptions(options)
  return request.serializeBinary()
}

it('makes unary calls', async () => {
  const path = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods'
  const { code, messages } = await rawCall(server.url, path, [new Uint8Array(0)])
  expect(code).toBe(0)
  const [answer] = messages
  expect(features.SupportedMethods.deserializeBinary(answer ?? Buffer.alloc(0)).getMethodsList()).not.toEqual(
    [],
  )
})

it('shows how a call failed', async () => {
  const reply = await rawCall(server.url, '/nobody.knows.This/Call', [])
  expect(reply).toMatchObject({ code: 12, messages: [], trailers: { 'grpc-status': '12' } })
})

it('keeps calls open as long as there is more to come', async () => {
  const stream = newStream()
  const call = openRawCall(server.url, read)
  call.send(subscriptionTo(stream))
  call.halfClose()
  // The confirmation, and that it has caught up.
  await call.receive(2)
  await server.client.appendToStream(stream, noted('a'))
  const [, , third] = await call.receive(3)
  const event = streams.ReadResp.deserializeBinary(third ?? Buffer.alloc(0))
    .getEvent()
    ?.getEvent()
  expect(Buffer.from(event?.getData_asU8() ?? []).toString()).toBe('{"note":"a"}')
  call.cancel()
})
