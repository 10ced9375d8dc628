import { endOfMessage, eachField, readUuid, type Reader } from './shared.ts'
import type { ProposedEvent } from './recorded-event.ts'

const nothing = Buffer.alloc(0)

/** What a client proposes, before it is known whether it will do: `type` and `id` may be empty. */
export interface Proposal extends ProposedEvent {
  /** Says of what kind its data is, as it has to. */
  readonly hasContentType: boolean
}

export function readProposedEvent(reader: Reader): Proposal {
  const end = endOfMessage(reader)
  const event = {
    id: '',
    type: '',
    json: false,
    hasContentType: false,
    metadata: nothing as Uint8Array,
    data: nothing as Uint8Array,
  }
  eachField(reader, end, (field, wireType) => {
    if (field === 1) event.id = readUuid(reader)
    else if (field === 2) readMetadataEntry(reader, event)
    else if (field === 3) event.metadata = reader.bytes()
    else if (field === 4) event.data = reader.bytes()
    else reader.skipType(wireType)
  })
  return event
}

function readMetadataEntry(
  reader: Reader,
  event: { type: string; json: boolean; hasContentType: boolean },
): void {
  const end = endOfMessage(reader)
  let key = ''
  let value = ''
  eachField(reader, end, (field, wireType) => {
    if (field === 1) key = reader.string()
    else if (field === 2) value = reader.string()
    else reader.skipType(wireType)
  })
  if (key === 'type') event.type = value
  else if (key === 'content-type') {
    event.json = value === 'application/json'
    event.hasContentType = true
  }
}

/** Size as the limit on appends counts it. */
export const sizeOf = (event: ProposedEvent): number =>
  event.data.length + event.metadata.length + 2 * event.type.length
