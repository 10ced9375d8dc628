import { readResponseFrame } from '../codec/read-response.ts'
import { withStructuredId } from '../codec/structured-id.ts'
import type { EventRecord } from '../log/event-record.ts'
import { linkType, resolveLink } from '../log/links.ts'
import type { Principal } from '../security/access.ts'
import type { NodeContext } from './context.ts'

export interface FrameOptions {
  readonly resolveLinks: boolean
  readonly structuredIds: boolean
}

/**
 * How one reader wants its events: the shared frame as it is, unless ids or links need another one. A link leads
 * nowhere for whom its target is closed, or anyone could read any stream by a link to it.
 */
export function framing(
  { streams, access }: NodeContext,
  principal: Principal,
  options: FrameOptions,
): (record: EventRecord) => Buffer {
  const bytesOf = (record: EventRecord): Buffer =>
    options.structuredIds ? withStructuredId(record.bytes) : record.bytes
  return (record) => {
    const isLink = options.resolveLinks && record.type === linkType
    if (!isLink) {
      if (!options.structuredIds) return record.frame
      return readResponseFrame({ event: bytesOf(record), commit: record.position })
    }
    const target = resolveLink(streams, record)
    const open = target !== undefined && access.allowsStream(principal, 'read', target.stream)
    return readResponseFrame({
      event: open ? bytesOf(target) : undefined,
      link: bytesOf(record),
      commit: record.position,
    })
  }
}
