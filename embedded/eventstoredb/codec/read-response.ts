import protobuf from 'protobufjs/minimal.js'

import { frame } from '../grpc/frames.ts'
import { bytesFieldSize, varintSize, writeBytesField, writeVarint } from './varint.ts'

/** Responses of Streams.Read, framed for the wire. */
export interface ReadEvent {
  readonly event?: Uint8Array | undefined
  readonly link?: Uint8Array | undefined
  /** Position of the original record: the link if there is one. */
  readonly commit: number
}

const grpcHeader = 5

export function readResponseFrame({ event, link, commit }: ReadEvent): Buffer {
  const size = bytesFieldSize(event) + bytesFieldSize(link) + 1 + varintSize(commit)
  const total = 1 + varintSize(size) + size
  const target = Buffer.allocUnsafe(grpcHeader + total)
  target[0] = 0
  target.writeUInt32BE(total, 1)
  target[grpcHeader] = 0x0a
  let at = writeVarint(target, grpcHeader + 1, size)
  at = writeBytesField(target, at, 0x0a, event)
  at = writeBytesField(target, at, 0x12, link)
  target[at] = 0x18
  writeVarint(target, at + 1, commit)
  return target
}

export function confirmationFrame(subscriptionId: string): Buffer {
  const writer = protobuf.Writer.create()
  return frame(writer.uint32(0x12).fork().uint32(0x0a).string(subscriptionId).ldelim().finish())
}

export function checkpointFrame(position: number): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x1a).fork()
  writer.uint32(0x08).uint64(position).uint32(0x10).uint64(position)
  return frame(writer.ldelim().finish())
}

export function streamNotFoundFrame(stream: string): Buffer {
  const writer = protobuf.Writer.create()
  writer.uint32(0x22).fork().uint32(0x0a).fork().uint32(0x1a).bytes(Buffer.from(stream))
  return frame(writer.ldelim().ldelim().finish())
}

/** Where a stream begins (field 5) and ends (field 6). */
export const firstStreamPositionFrame = (revision: number): Buffer => numberFrame(0x28, revision)
export const lastStreamPositionFrame = (revision: number): Buffer => numberFrame(0x30, revision)

const numberFrame = (tag: number, value: number): Buffer =>
  frame(protobuf.Writer.create().uint32(tag).uint64(value).finish())

export const caughtUpFrame = (): Buffer => frame(Buffer.from([0x42, 0x00]))
