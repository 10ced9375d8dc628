import protobuf from 'protobufjs/minimal.js'

import type { Statistics } from '../projections/statistics.ts'

/** StatisticsResp { details = 1 }. */
export function encodeStatistics(statistics: Statistics): Uint8Array {
  const writer = protobuf.Writer.create()
  const number = (field: number, value: number): unknown => writer.uint32(field << 3).int64(value)
  const text = (field: number, value: string): unknown => writer.uint32((field << 3) | 2).string(value)
  writer.uint32(0x0a).fork()
  number(1, statistics.coreProcessingTimeMs)
  number(2, statistics.version)
  number(3, statistics.epoch)
  text(4, statistics.name)
  number(5, statistics.writesInProgress)
  number(6, statistics.readsInProgress)
  number(7, statistics.partitionsCached)
  text(8, statistics.status)
  text(9, statistics.stateReason)
  text(10, statistics.name)
  text(11, statistics.mode)
  text(12, statistics.position)
  writer.uint32((13 << 3) | 5).float(statistics.progress)
  text(14, statistics.lastCheckpoint)
  number(15, statistics.eventsProcessedAfterRestart)
  text(16, statistics.checkpointStatus)
  number(17, statistics.bufferedEvents)
  number(18, statistics.writePendingEventsBeforeCheckpoint)
  number(19, statistics.writePendingEventsAfterCheckpoint)
  return writer.ldelim().finish()
}

/** StateResp and ResultResp: { value = 1 }, a google.protobuf.Value that is an object without properties. */
export const encodeEmptyObject = (): Uint8Array =>
  protobuf.Writer.create().uint32(0x0a).fork().uint32(0x2a).fork().ldelim().ldelim().finish()
