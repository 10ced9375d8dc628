import type protobuf from 'protobufjs/minimal.js'

import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import type { Reader } from './shared.ts'
import { isEnd, toNumber, toWire } from './uint64.ts'

/**
 * What a write expects of its stream: revision = 2, no_stream = 3, any = 4 or stream_exists = 5, in Append, Delete,
 * Tombstone and BatchAppend alike. Undefined if the field is none of these, and then nothing has been read.
 */
export function readExpected(reader: Reader, field: number, wireType: number): ExpectedRevision | undefined {
  if (field === 2) {
    const revision = reader.uint64()
    return isEnd(revision) ? Expected.noStream : toNumber(revision)
  }
  const expected = ({ 3: Expected.noStream, 4: Expected.any, 5: Expected.streamExists } as const)[field]
  if (expected !== undefined) reader.skipType(wireType)
  return expected
}

/** A oneof of a revision and its special cases, by the tags of a message that has it. */
export interface ExpectedTags {
  readonly revision: number
  readonly any: number
  readonly streamExists: number
  readonly noStream: number
}

export function writeExpected(
  writer: protobuf.Writer,
  tags: Partial<ExpectedTags>,
  expected: ExpectedRevision,
): void {
  if (expected >= 0) {
    if (tags.revision !== undefined) writer.uint32(tags.revision).uint64(toWire(expected))
    return
  }
  const tag =
    expected === Expected.noStream
      ? tags.noStream
      : expected === Expected.streamExists
        ? tags.streamExists
        : tags.any
  if (tag !== undefined) writer.uint32(tag).fork().ldelim()
}

/** The last revision of a stream, or that it has none. */
export function writeCurrent(
  writer: protobuf.Writer,
  tags: { readonly revision: number; readonly noStream: number },
  current: number,
): void {
  if (current < 0) writer.uint32(tags.noStream).fork().ldelim()
  else writer.uint32(tags.revision).uint64(current)
}

/** Where the last event of a write is, if it wrote any: position = 3 or no_position = 4. */
export function writeWrittenAt(writer: protobuf.Writer, position: number | undefined): void {
  if (position === undefined) writer.uint32(0x22).fork().ldelim()
  else writePosition(writer, 0x1a, position)
}

/** Commit and prepare position, which are the same here. */
export const writePosition = (writer: protobuf.Writer, tag: number, position: number): protobuf.Writer =>
  writer.uint32(tag).fork().uint32(0x08).uint64(position).uint32(0x10).uint64(position).ldelim()
