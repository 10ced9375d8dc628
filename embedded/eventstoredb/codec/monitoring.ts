import protobuf from 'protobufjs/minimal.js'

import { eachField } from './shared.ts'
import { toNumber } from './uint64.ts'

/** StatsReq: how often to be told, in milliseconds. */
export function decodeStatsRequest(message: Uint8Array): { readonly refreshMs: number } {
  const reader = protobuf.Reader.create(message)
  let refreshMs = 0
  eachField(reader, reader.len, (field, wireType) => {
    if (field === 4) refreshMs = toNumber(reader.uint64())
    else reader.skipType(wireType)
  })
  return { refreshMs }
}

/** StatsResp: a map of texts. */
export function encodeStats(stats: Readonly<Record<string, string | number>>): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const [name, value] of Object.entries(stats)) {
    writer.uint32(0x0a).fork().uint32(0x0a).string(name).uint32(0x12).string(String(value)).ldelim()
  }
  return writer.finish()
}
