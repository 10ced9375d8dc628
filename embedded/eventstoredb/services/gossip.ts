import protobuf from 'protobufjs/minimal.js'

import { unary, type Handler } from '../grpc/server.ts'

export interface Member {
  readonly instanceId: string
  readonly host: string
  readonly port: () => number
}

const leader = 8

/** A cluster of one, which leads. */
export function gossip(member: Member): Handler {
  return unary(() => {
    const writer = protobuf.Writer.create()
    writer.uint32(0x0a).fork()
    writer.uint32(0x0a).fork().uint32(0x12).string(member.instanceId).ldelim()
    writer.uint32(0x10).int64(Date.now() * 10_000)
    writer.uint32(0x18).int32(leader).uint32(0x20).bool(true)
    writer.uint32(0x2a).fork().uint32(0x0a).string(member.host).uint32(0x10).uint32(member.port()).ldelim()
    return writer.ldelim().finish()
  })
}
