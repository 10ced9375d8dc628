import protobuf from 'protobufjs/minimal.js'

/** SubscriptionInfo: numbers and texts as they go out. */
export interface GroupInfo {
  readonly stream: string
  readonly group: string
  readonly status: string
  readonly connections: readonly ConnectionInfo[]
  readonly averagePerSecond: number
  readonly totalItems: number
  readonly countSinceLastMeasurement: number
  readonly lastCheckpointed: string
  readonly lastKnown: string
  readonly resolveLinks: boolean
  readonly startFrom: string
  readonly messageTimeoutMs: number
  readonly extraStatistics: boolean
  readonly maxRetryCount: number
  readonly liveBufferSize: number
  readonly historyBufferSize: number
  readonly readBatchSize: number
  readonly checkpointAfterMs: number
  readonly minCheckpointCount: number
  readonly maxCheckpointCount: number
  readonly readBufferCount: number
  readonly liveBufferCount: number
  readonly retryBufferCount: number
  readonly inFlight: number
  readonly outstanding: number
  readonly strategy: string
  readonly maxSubscribers: number
  readonly parkedCount: number
}

export interface ConnectionInfo {
  readonly username: string
  readonly averagePerSecond: number
  readonly totalItems: number
  readonly countSinceLastMeasurement: number
  /** Latency figures by name; none unless the group keeps them. */
  readonly latencies: readonly (readonly [name: string, ms: number])[]
  readonly availableSlots: number
  readonly inFlight: number
  readonly name: string
}

export function encodeGetInfo(info: GroupInfo): Uint8Array {
  const writer = protobuf.Writer.create()
  writeInfo(writer, info)
  return writer.finish()
}

export function encodeList(infos: readonly GroupInfo[]): Uint8Array {
  const writer = protobuf.Writer.create()
  for (const info of infos) writeInfo(writer, info)
  return writer.finish()
}

/** The field of both responses that carries an info is number 1. */
function writeInfo(writer: protobuf.Writer, info: GroupInfo): void {
  const int = (field: number, value: number): unknown => writer.uint32(field << 3).int64(Math.trunc(value))
  const text = (field: number, value: string): unknown => writer.uint32((field << 3) | 2).string(value)
  writer.uint32(0x0a).fork()
  text(1, info.stream)
  text(2, info.group)
  text(3, info.status)
  for (const connection of info.connections) writeConnection(writer, connection)
  int(5, info.averagePerSecond)
  int(6, info.totalItems)
  int(7, info.countSinceLastMeasurement)
  text(8, info.lastCheckpointed)
  text(9, info.lastKnown)
  int(10, Number(info.resolveLinks))
  text(11, info.startFrom)
  int(12, info.messageTimeoutMs)
  int(13, Number(info.extraStatistics))
  int(14, info.maxRetryCount)
  int(15, info.liveBufferSize)
  int(16, info.historyBufferSize)
  int(17, info.readBatchSize)
  int(18, info.checkpointAfterMs)
  int(19, info.minCheckpointCount)
  int(20, info.maxCheckpointCount)
  int(21, info.readBufferCount)
  int(22, info.liveBufferCount)
  int(23, info.retryBufferCount)
  int(24, info.inFlight)
  int(25, info.outstanding)
  text(26, info.strategy)
  int(27, info.maxSubscribers)
  int(28, info.parkedCount)
  writer.ldelim()
}

function writeConnection(writer: protobuf.Writer, connection: ConnectionInfo): void {
  writer.uint32(0x22).fork()
  writer.uint32(0x12).string(connection.username)
  writer.uint32(0x18).int32(Math.trunc(connection.averagePerSecond))
  writer.uint32(0x20).int64(connection.totalItems)
  writer.uint32(0x28).int64(connection.countSinceLastMeasurement)
  for (const [name, ms] of connection.latencies) {
    writer.uint32(0x32).fork().uint32(0x0a).string(name).uint32(0x10).int64(Math.trunc(ms)).ldelim()
  }
  writer.uint32(0x38).int32(connection.availableSlots)
  writer.uint32(0x40).int32(connection.inFlight)
  writer.uint32(0x4a).string(connection.name)
  writer.ldelim()
}
