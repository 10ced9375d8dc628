import { z } from 'zod'

import type { EventRecord } from '../log/event-record.ts'
import { parkedStream } from '../persistent/settings.ts'
import type { GroupConfig } from './consumer-groups.ts'
import { eventView, timeView } from './event-view.ts'
import { html, type Html } from './html.ts'
import { pagingView } from './paging.ts'
import { groupPlace } from './places.ts'
import { stateOf } from './stream-state.ts'
import { streamWindow } from './stream-window.ts'
import { jsonOf } from './trace.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

const parking = z.object({
  reason: z.string().catch('No reason given'),
  added: z.iso.datetime({ offset: true }).optional().catch(undefined),
})

/** The messages that a group has set aside, newest first, each with the reason and the event it is about. */
export function parkedView(
  node: WebNode,
  viewer: Viewer,
  config: GroupConfig,
  from: number | undefined,
): Html {
  const stream = parkedStream(config)
  const state = stateOf(node, stream)
  if (state.kind !== 'there' || state.first > state.last) return html`<p class="note">None.</p>`
  const window = streamWindow(node, stream, state, from, 'backwards')
  const place = (query: { from?: number | undefined } | undefined) =>
    query && groupPlace(config.stream, config.group, { from: query.from })
  const ways = {
    newest: place(window.newest),
    newer: place(window.newer),
    older: place(window.older),
    oldest: place(window.oldest),
  }
  const paged = window.newer !== undefined || window.older !== undefined
  return html`${paged && pagingView(ways, 'parked messages')}
    <ol class="events">
      ${window.records.map((record) => parkedMessage(node, viewer, record))}
    </ol>`
}

function parkedMessage(node: WebNode, viewer: Viewer, record: EventRecord): Html {
  const parsed = parking.safeParse(jsonOf(record.body.metadata))
  const { reason, added } = parsed.success ? parsed.data : { reason: 'No reason given', added: undefined }
  const when = added === undefined ? record.body.createdMs : Date.parse(added)
  return html`<li>
    <p class="reason"><b>${reason}</b> ${timeView(when)}</p>
    ${eventView(node, viewer, record, { among: 'stream' })}
  </li>`
}
