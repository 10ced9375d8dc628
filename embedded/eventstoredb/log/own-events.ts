import { randomUUID } from 'node:crypto'

import type { ProposedEvent } from '../codec/recorded-event.ts'
import { softDeleteJson } from './stream-metadata.ts'

/** Events that the node itself writes. */
const nothing = Buffer.alloc(0)

export function ownEvent(type: string, json: string): ProposedEvent {
  return { id: randomUUID(), type, json: true, data: Buffer.from(json), metadata: nothing, own: true }
}

export const proposeMetadata = (json: string): ProposedEvent => ownEvent('$metadata', json)
export const proposeDeletion = (): ProposedEvent => proposeMetadata(softDeleteJson)

export const proposeTombstone = (): ProposedEvent => ({
  ...ownEvent('$streamDeleted', ''),
  json: false,
})

/** Type `$>`: a pointer to another event, `revision@stream`. */
export function proposeLink(target: string, metadata: string): ProposedEvent {
  return {
    id: randomUUID(),
    type: '$>',
    json: false,
    data: Buffer.from(target),
    metadata: Buffer.from(metadata),
    own: true,
  }
}
