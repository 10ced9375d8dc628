import protobuf from 'protobufjs/minimal.js'

import { frame } from '../grpc/frames.ts'
import {
  eachField,
  endOfMessage,
  readsStructuredIds,
  readStreamIdentifier,
  readUuid,
  type Reader,
} from './shared.ts'
import { bytesFieldSize, varintSize, writeBytesField, writeVarint } from './varint.ts'

/** PersistentSubscriptions.Read: what a consumer sends, and what it is sent. */
export type ConsumerMessage =
  | {
      readonly kind: 'connect'
      readonly stream: string
      readonly group: string
      readonly bufferSize: number
      readonly structuredIds: boolean
    }
  | { readonly kind: 'ack'; readonly ids: readonly string[] }
  | {
      readonly kind: 'nack'
      readonly ids: readonly string[]
      readonly action: number
      readonly reason: string
    }

export function decodeConsumerMessage(message: Buffer): ConsumerMessage | undefined {
  const reader = protobuf.Reader.create(message)
  let decoded: ConsumerMessage | undefined
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 1) decoded = readConnect(reader)
    else if (field === 2) decoded = { kind: 'ack', ids: readAnswer(reader, message).ids }
    else if (field === 3) decoded = { kind: 'nack', ...readAnswer(reader, message) }
    else reader.skipType(wireType)
  })
  return decoded
}

function readConnect(reader: Reader): ConsumerMessage {
  const end = endOfMessage(reader)
  const connect = { kind: 'connect' as const, stream: '', group: '', bufferSize: 0, structuredIds: false }
  eachField(reader, end, (field, wireType) => {
    if (field === 1) connect.stream = readStreamIdentifier(reader)
    else if (field === 2) connect.group = reader.string()
    else if (field === 3) connect.bufferSize = reader.int32()
    else if (field === 4) connect.structuredIds = readsStructuredIds(reader)
    else {
      if (field === 5) connect.stream = '$all'
      reader.skipType(wireType)
    }
  })
  return connect
}

function readAnswer(reader: Reader, message: Buffer): { ids: string[]; action: number; reason: string } {
  const end = endOfMessage(reader)
  const answer = { ids: [] as string[], action: 0, reason: '' }
  eachField(reader, end, (field, wireType) => {
    if (field === 2) answer.ids.push(readId(reader, message))
    else if (field === 3) answer.action = reader.int32()
    else if (field === 4) answer.reason = reader.string()
    else reader.skipType(wireType)
  })
  return answer
}

/**
 * The id of an answered event. As text, which is how nearly all clients send it, it is taken as it is: what is no
 * id is not among those in flight.
 */
function readId(reader: Reader, message: Buffer): string {
  const at = reader.pos
  const isText = message[at] === 38 && message[at + 1] === 0x12 && message[at + 2] === 36
  if (!isText || at + 39 > message.length) return readUuid(reader)
  reader.pos = at + 39
  return message.toString('latin1', at + 3, at + 39).toLowerCase()
}

export function consumerConfirmationFrame(subscriptionId: string): Buffer {
  const writer = protobuf.Writer.create()
  return frame(writer.uint32(0x12).fork().uint32(0x0a).string(subscriptionId).ldelim().finish())
}

export interface ConsumerEvent {
  readonly event: Uint8Array | undefined
  readonly link: Uint8Array | undefined
  readonly commit: number
  readonly retryCount: number
}

const grpcHeader = 5

export function consumerEventFrame({ event, link, commit, retryCount }: ConsumerEvent): Buffer {
  const size = bytesFieldSize(event) + bytesFieldSize(link) + 2 + varintSize(commit) + varintSize(retryCount)
  const total = 1 + varintSize(size) + size
  const target = Buffer.allocUnsafe(grpcHeader + total)
  target[0] = 0
  target.writeUInt32BE(total, 1)
  target[grpcHeader] = 0x0a
  let at = writeVarint(target, grpcHeader + 1, size)
  at = writeBytesField(target, at, 0x0a, event)
  at = writeBytesField(target, at, 0x12, link)
  target[at] = 0x18
  at = writeVarint(target, at + 1, commit)
  target[at] = 0x28
  writeVarint(target, at + 1, retryCount)
  return target
}
