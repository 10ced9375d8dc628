import protobuf from 'protobufjs/minimal.js'

import { idOf } from './recorded-event-view.ts'

const stringIdSize = 40

/** The same RecordedEvent with its id as two numbers, for clients that ask for it so. */
export function withStructuredId(bytes: Buffer): Buffer {
  const hex = idOf(bytes).replaceAll('-', '')
  const half = (digits: string): string => BigInt.asIntN(64, BigInt(`0x${digits}`)).toString()
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork().uint32(0x0a).fork()
  writer
    .uint32(0x08)
    .int64(half(hex.slice(0, 16)))
    .uint32(0x10)
    .int64(half(hex.slice(16)))
  return Buffer.concat([writer.ldelim().ldelim().finish(), bytes.subarray(stringIdSize)])
}
