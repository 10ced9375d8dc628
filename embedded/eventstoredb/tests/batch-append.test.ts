import { randomUUID } from 'node:crypto'

import shared from '@eventstore/db-client/generated/shared_pb.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawCall } from './raw-call.ts'
import {
  batchChunk,
  batchResponse,
  Message,
  proposed,
  streamName,
  streamsService,
  structuredId,
  textId,
  writeOptions,
  type BatchResponse,
} from './raw-streams.ts'
import { exists, newStream, noted, notesIn, range, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const path = `${streamsService}/BatchAppend`

async function answersTo(...chunks: Uint8Array[]): Promise<BatchResponse[]> {
  const { code, messages } = await rawCall(server.url, path, chunks)
  expect(code).toBe(0)
  return messages.map(batchResponse)
}

const newId = (): Message => textId(randomUUID())

interface Failure {
  readonly code: number
  readonly message: string
  readonly type: string
  readonly details: Uint8Array
}

function failureIn(response: BatchResponse | undefined): Failure {
  const error = response?.getError()
  return {
    code: Number(error?.getCode()),
    message: error?.getMessage() ?? '',
    type: error?.getDetails()?.getTypeUrl() ?? '',
    details: error?.getDetails()?.getValue_asU8() ?? new Uint8Array(0),
  }
}

/** What clients tell errors by: the code, and the type that is also the message. */
const told = (code: number, name: string) => ({
  code,
  message: name,
  type: `type.googleapis.com/event_store.client.${name}`,
})

describe('an append', () => {
  it('is answered with its stream and its correlation id, in the form in which that came', async () => {
    const stream = newStream('größe')
    const id = randomUUID()
    for (const correlation of [textId(id), structuredId(id)]) {
      const [answer] = await answersTo(
        batchChunk({ correlation, options: writeOptions(stream), events: [proposed()] }),
      )
      expect(answer?.getCorrelationId()?.serializeBinary()).toEqual(new Uint8Array(correlation.encoded))
      expect(Buffer.from(answer?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream)
      expect(answer?.hasSuccess()).toBe(true)
    }
  })

  it('in chunks is committed by the last of them, whatever comes in between', async () => {
    const [one, two] = [newStream(), newStream()]
    const [first, second] = [newId(), newId()]
    const answers = await answersTo(
      batchChunk({ correlation: first, options: writeOptions(one), events: [proposed()], isFinal: false }),
      batchChunk({ correlation: second, options: writeOptions(two), events: [proposed()] }),
      batchChunk({ correlation: first, events: [proposed(), proposed()], isFinal: false }),
      batchChunk({ correlation: first, isFinal: true }),
    )
    expect(answers.map((answer) => answer.getSuccess()?.getCurrentRevision())).toEqual(['0', '2'])
    expect(await notesIn(server.client, one)).toHaveLength(3)
  })

  it('of nothing only checks what is expected, and says where the stream stands', async () => {
    const stream = newStream()
    const ask = async (expected: 'no_stream' | 'any' | bigint): Promise<BatchResponse | undefined> => {
      const [answer] = await answersTo(
        batchChunk({ correlation: newId(), options: writeOptions(stream, expected) }),
      )
      return answer
    }
    const before = await ask('no_stream')
    expect(before?.getSuccess()?.hasNoStream()).toBe(true)
    expect(before?.getSuccess()?.hasNoPosition()).toBe(true)
    expect(await exists(server.client, stream)).toBe(false)
    await server.client.appendToStream(stream, [noted('a'), noted('b')])
    expect((await ask(1n))?.getSuccess()?.getCurrentRevision()).toBe('1')
    expect(failureIn(await ask('no_stream'))).toMatchObject(told(6, 'WrongExpectedVersion'))
  })

  it('may expect revision 2^64 - 1, which is how "no stream" looks as a number', async () => {
    const stream = newStream()
    const chunk = () =>
      batchChunk({
        correlation: newId(),
        options: writeOptions(stream, 2n ** 64n - 1n),
        events: [proposed()],
      })
    const [first, second] = [await answersTo(chunk()), await answersTo(chunk())]
    expect(first[0]?.hasSuccess()).toBe(true)
    expect(failureIn(second[0])).toMatchObject(told(6, 'WrongExpectedVersion'))
  })

  it('is answered when the client has already said that it sends no more', async () => {
    const streams = range(0, 100).map(() => newStream())
    const answers = await answersTo(
      ...streams.map((stream) =>
        batchChunk({ correlation: newId(), options: writeOptions(stream), events: [proposed()] }),
      ),
    )
    expect(answers.filter((answer) => answer.hasSuccess())).toHaveLength(streams.length)
  })
})

describe('an append that fails', () => {
  it('for its expected revision says both, as numbers or as words', async () => {
    const stream = newStream()
    const decode = (failure: Failure) => shared.WrongExpectedVersion.deserializeBinary(failure.details)
    const fail = async (expected: bigint | 'no_stream' | 'stream_exists') => {
      const [answer] = await answersTo(
        batchChunk({
          correlation: newId(),
          options: writeOptions(stream, expected),
          events: [proposed()],
        }),
      )
      const failure = failureIn(answer)
      expect(failure).toMatchObject(told(6, 'WrongExpectedVersion'))
      return decode(failure)
    }
    const missing = await fail('stream_exists')
    expect(missing.hasCurrentNoStream()).toBe(true)
    expect(missing.hasExpectedStreamExists()).toBe(true)
    expect((await fail(7n)).getExpectedStreamPosition()).toBe('7')
    await server.client.appendToStream(stream, [noted('a'), noted('b')])
    const there = await fail('no_stream')
    expect(there.getCurrentStreamRevision()).toBe('1')
    expect(there.hasExpectedNoStream()).toBe(true)
    expect((await fail(9223372036854775807n)).getExpectedStreamPosition()).toBe('9223372036854775807')
  })

  it('as its stream is deleted names the stream', async () => {
    const stream = newStream('größe')
    await server.client.tombstoneStream(stream)
    const [answer] = await answersTo(
      batchChunk({ correlation: newId(), options: writeOptions(stream), events: [proposed()] }),
    )
    const failure = failureIn(answer)
    expect(failure).toMatchObject(told(5, 'StreamDeleted'))
    const name = shared.StreamDeleted.deserializeBinary(failure.details).getStreamIdentifier()
    expect(Buffer.from(name?.getStreamName_asU8() ?? []).toString()).toBe(stream)
  })

  it('as nobody may write to $all is denied access', async () => {
    const [answer] = await answersTo(
      batchChunk({ correlation: newId(), options: writeOptions('$all'), events: [proposed()] }),
    )
    expect(failureIn(answer)).toMatchObject(told(7, 'AccessDenied'))
  })

  it('for its size says how much it may be', async () => {
    const [answer] = await answersTo(
      batchChunk({
        correlation: newId(),
        options: writeOptions(newStream()),
        events: [proposed({ data: Buffer.alloc(1024 * 1024) })],
      }),
    )
    const failure = failureIn(answer)
    expect(failure).toMatchObject(told(3, 'MaximumAppendSizeExceeded'))
    const { MaximumAppendSizeExceeded } = shared
    expect(MaximumAppendSizeExceeded.deserializeBinary(failure.details).getMaxappendsize()).toBe(1024 * 1024)
  })

  it.each([
    ['a content type', { type: 'Noted' }],
    ['a type', { 'content-type': 'application/json' }],
    ['an id', undefined],
  ])('for an event without %s is a bad request', async (_, metadata) => {
    const event =
      metadata === undefined
        ? proposed({ id: textId('00000000-0000-0000-0000-000000000000') })
        : proposed({ metadata })
    const stream = newStream()
    const [answer] = await answersTo(
      batchChunk({ correlation: newId(), options: writeOptions(stream), events: [proposed(), event] }),
    )
    expect(failureIn(answer)).toMatchObject(told(3, 'BadRequest'))
    expect(await exists(server.client, stream)).toBe(false)
  })

  it('before its last chunk is answered once: the rest is ignored', async () => {
    const tooLarge = newId()
    const stream = newStream()
    const half = proposed({ data: Buffer.alloc(600 * 1024) })
    const answers = await answersTo(
      batchChunk({ correlation: tooLarge, options: writeOptions(stream), events: [half], isFinal: false }),
      batchChunk({ correlation: tooLarge, events: [half], isFinal: false }),
      batchChunk({ correlation: tooLarge, events: [half], isFinal: false }),
      batchChunk({ correlation: tooLarge, isFinal: true }),
      batchChunk({ correlation: tooLarge, events: [proposed()], isFinal: true }),
      batchChunk({ correlation: newId(), options: writeOptions(stream), events: [proposed()] }),
    )
    expect(answers.map((answer) => answer.hasSuccess())).toEqual([false, true])
    expect(await notesIn(server.client, stream)).toHaveLength(1)
  })
})

it('a chunk without a correlation id ends the call', async () => {
  const { code } = await rawCall(server.url, path, [
    batchChunk({ correlation: new Message(), options: writeOptions(newStream()), events: [proposed()] }),
  ])
  expect(code).toBe(3)
})

it('a stream without a name is a bad request', async () => {
  const options = new Message().bytes(1, streamName('')).bytes(4, new Message())
  const [answer] = await answersTo(batchChunk({ correlation: newId(), options, events: [proposed()] }))
  expect(failureIn(answer)).toMatchObject(told(3, 'BadRequest'))
})
