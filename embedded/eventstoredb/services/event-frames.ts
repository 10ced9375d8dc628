import { readResponseFrame } from '../codec/read-response.ts'
import { withStructuredId } from '../codec/structured-id.ts'
import type { EventRecord } from '../log/event-record.ts'
import { linkType, resolveLink } from '../log/links.ts'
import type { StreamReader } from '../log/stream-reader.ts'

export interface FrameOptions {
  readonly resolveLinks: boolean
  readonly structuredIds: boolean
}

/** How one reader wants its events: the shared frame as it is, unless ids or links need another one. */
export function framing(reader: StreamReader, options: FrameOptions): (record: EventRecord) => Buffer {
  const bytesOf = (record: EventRecord): Buffer =>
    options.structuredIds ? withStructuredId(record.bytes) : record.bytes
  return (record) => {
    const isLink = options.resolveLinks && record.type === linkType
    if (!isLink) {
      if (!options.structuredIds) return record.frame
      return readResponseFrame({ event: bytesOf(record), commit: record.position })
    }
    const target = resolveLink(reader, record)
    return readResponseFrame({
      event: target === undefined ? undefined : bytesOf(target),
      link: bytesOf(record),
      commit: record.position,
    })
  }
}
