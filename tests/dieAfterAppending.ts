import { EventStoreDBClient } from '@eventstore/db-client'
import type { AppendToStreamOptions, EventData } from '@eventstore/db-client'

/**
 * Preloaded into a service process: kills it with SIGKILL as soon as its first event of the type in
 * `DIE_AFTER_APPENDING` is on disk, before it can do anything more. Only the client's own method is wrapped;
 * the service runs as it is.
 */
const fatal = process.env['DIE_AFTER_APPENDING']
// oxlint-disable-next-line typescript/unbound-method -- it is called with its `this` below
const { appendToStream } = EventStoreDBClient.prototype

EventStoreDBClient.prototype.appendToStream = async function (
  this: EventStoreDBClient,
  stream: string,
  events: EventData | EventData[],
  options?: AppendToStreamOptions,
) {
  const appended = await appendToStream.call(this, stream, events, options)
  if ([events].flat().some(({ type }) => type === fatal)) process.kill(process.pid, 'SIGKILL')
  return appended
}
