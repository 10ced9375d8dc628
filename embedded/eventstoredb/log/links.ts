import type { EventRecord } from './event-record.ts'
import type { StreamReader } from './stream-reader.ts'

export const linkType = '$>'

/** A link's target, if it is one and its target can still be seen. */
export function resolveLink(reader: StreamReader, link: EventRecord): EventRecord | undefined {
  if (link.type !== linkType) return undefined
  const target = parseTarget(link.body.data.toString('utf8'))
  return target === undefined ? undefined : reader.visibleAt(target.stream, target.revision)
}

/** `revision@stream`, where the stream's name may contain the sign itself. */
export function parseTarget(text: string): { stream: string; revision: number } | undefined {
  const at = text.indexOf('@')
  const revision = Number(text.slice(0, at))
  if (!/^\d+@./su.test(text) || !Number.isSafeInteger(revision)) return undefined
  return { stream: text.slice(at + 1), revision }
}
