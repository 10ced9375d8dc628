import type { EventStoreDBClient, RecordedEvent } from '@eventstore/db-client'

import { projectedBy } from './projecting.ts'

/** The rules of the system projections once more, as simply as they can be told, over the whole log. */
export async function expectedOutput(client: EventStoreDBClient): Promise<{
  /** Data of the events that each output stream must have. */
  readonly output: ReadonlyMap<string, readonly string[]>
  /** The output streams that there are. */
  readonly streams: ReadonlySet<string>
}> {
  const output = new Map<string, string[]>()
  const streams = new Set<string>()
  for await (const { event } of client.readAll()) {
    if (event === undefined) continue
    if (/^\$(?:ce-|et-|bc-|category-|streams$)/u.test(event.streamId)) streams.add(event.streamId)
    for (const [stream, data] of linksFor(event)) {
      const links = output.get(stream) ?? []
      links.push(data)
      output.set(stream, links)
    }
  }
  return { output, streams }
}

function* linksFor(event: RecordedEvent): Iterable<readonly [stream: string, data: string]> {
  const { streamId, revision, type } = event
  const isMetadata = streamId.startsWith('$$') && !streamId.startsWith('$$$')
  if (streamId.startsWith('$') && !isMetadata) return
  const subject = isMetadata ? streamId.slice(2) : streamId
  const { data, metadata } = projectedBy(event)
  const isDeletion = type === '$streamDeleted' || (isMetadata && data.includes('"$tb":9223372036854'))
  const target = `${revision}@${streamId}`
  const [category] = subject.split('-')
  if (!isMetadata || isDeletion) yield [`$ce-${category}`, target]
  yield [`$et-${isDeletion ? '$deleted' : type}`, target]
  if (typeof metadata['$correlationId'] === 'string') yield [`$bc-${metadata['$correlationId']}`, target]
  if (revision === 0n && !isMetadata) {
    yield ['$streams', target]
    yield [`$category-${category}`, subject]
  }
}
