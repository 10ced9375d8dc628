import { randomUUID } from 'node:crypto'

import streams from '@eventstore/db-client/generated/streams_pb.js'
import protobuf from 'protobufjs/minimal.js'

import { rawCall, type RawOptions, type RawReply } from './raw-call.ts'

/** Requests of Streams, also those that the official client never makes, and their answers as it decodes them. */
export const streamsService = '/event_store.client.streams.Streams'

export type ReadResponse = InstanceType<typeof streams.ReadResp>
export type BatchResponse = InstanceType<typeof streams.BatchAppendResp>

/** Fields in the order of the calls; a message is what `bytes` is given. */
export class Message {
  readonly #writer = protobuf.Writer.create()

  bytes(field: number, value: Uint8Array | Message): this {
    this.#writer.uint32((field << 3) | 2).bytes(value instanceof Message ? value.encoded : value)
    return this
  }

  string(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value))
  }

  /** Also for bool, enum and, in two's complement, signed numbers. */
  number(field: number, value: bigint | number): this {
    this.#writer.uint32(field << 3).uint64(BigInt.asUintN(64, BigInt(value)).toString())
    return this
  }

  get encoded(): Uint8Array {
    return this.#writer.finish()
  }
}

export const empty = new Message()
export const streamName = (stream: string): Message => new Message().string(3, stream)
export const textId = (id: string): Message => new Message().string(2, id)

/** The same id as two signed numbers. */
export function structuredId(id: string): Message {
  const hex = id.replaceAll('-', '')
  const halves = new Message()
  halves.number(1, BigInt(`0x${hex.slice(0, 16)}`)).number(2, BigInt(`0x${hex.slice(16)}`))
  return new Message().bytes(1, halves)
}

export type Expectation = 'any' | 'no_stream' | 'stream_exists' | bigint
const expectationFields = { no_stream: 3, any: 4, stream_exists: 5 } as const

/** The options of Append, Delete, Tombstone and BatchAppend alike. */
export function writeOptions(stream: string, expected: Expectation = 'any'): Message {
  const options = new Message().bytes(1, streamName(stream))
  return typeof expected === 'bigint'
    ? options.number(2, expected)
    : options.bytes(expectationFields[expected], empty)
}

export interface RawEvent {
  readonly id?: Message
  readonly metadata?: Readonly<Record<string, string>>
  readonly data?: Uint8Array
  readonly custom?: Uint8Array
}

const usualMetadata = { type: 'Noted', 'content-type': 'application/json' }

export function proposed({ id, metadata = usualMetadata, data, custom }: RawEvent = {}): Message {
  const message = new Message().bytes(1, id ?? textId(randomUUID()))
  for (const [key, value] of Object.entries(metadata)) {
    message.bytes(2, new Message().string(1, key).string(2, value))
  }
  return message.bytes(3, custom ?? Buffer.alloc(0)).bytes(4, data ?? Buffer.from('{}'))
}

export function batchChunk(chunk: {
  readonly correlation: Message
  readonly options?: Message
  readonly events?: readonly Message[]
  readonly isFinal?: boolean
}): Uint8Array {
  const request = new Message().bytes(1, chunk.correlation)
  if (chunk.options !== undefined) request.bytes(2, chunk.options)
  for (const event of chunk.events ?? []) request.bytes(3, event)
  return request.number(4, chunk.isFinal === false ? 0 : 1).encoded
}

export const batchResponse = (message: Buffer | undefined): BatchResponse =>
  streams.BatchAppendResp.deserializeBinary(message ?? Buffer.alloc(0))

/** A reading of one stream; `revision` absent is from the start. */
export function fromStream(stream: string, revision?: bigint | 'end'): Message {
  const source = new Message().bytes(1, streamName(stream))
  if (revision === undefined) return source.bytes(3, empty)
  return revision === 'end' ? source.bytes(4, empty) : source.number(2, revision)
}

/** A reading of `$all`. */
export function fromAll(position?: bigint | 'end'): Message {
  if (position === undefined) return new Message().bytes(2, empty)
  if (position === 'end') return new Message().bytes(3, empty)
  return new Message().bytes(1, new Message().number(1, position).number(2, position))
}

export interface RawRead {
  readonly stream?: Message
  readonly all?: Message
  readonly backwards?: boolean
  readonly resolveLinks?: boolean
  /** Absent is a subscription. */
  readonly count?: bigint | number
  readonly filter?: Message
  readonly ids?: 'text' | 'structured' | 'none'
  readonly compatibility?: number
}

export function readRequest(read: RawRead): Uint8Array {
  const options = new Message()
  if (read.stream !== undefined) options.bytes(1, read.stream)
  if (read.all !== undefined) options.bytes(2, read.all)
  options.number(3, read.backwards === true ? 1 : 0).number(4, read.resolveLinks === true ? 1 : 0)
  if (read.count === undefined) options.bytes(6, empty)
  else options.number(5, read.count)
  if (read.filter === undefined) options.bytes(8, empty)
  else options.bytes(7, read.filter)
  if (read.ids !== 'none') options.bytes(9, new Message().bytes(read.ids === 'structured' ? 1 : 2, empty))
  if (read.compatibility !== undefined) options.bytes(10, new Message().number(1, read.compatibility))
  return new Message().bytes(1, options).encoded
}

export const readResponse = (message: Buffer | undefined): ReadResponse =>
  streams.ReadResp.deserializeBinary(message ?? Buffer.alloc(0))

export const rawRead = (url: string, read: RawRead, options?: RawOptions): Promise<RawReply> =>
  rawCall(url, `${streamsService}/Read`, [readRequest(read)], options)
