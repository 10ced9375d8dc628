import { metadataStream, isMetadataStream, streamOfMetadata } from '../log/stream-metadata.ts'
import { eventView } from './event-view.ts'
import { followView, listItem, liveList } from './follow-view.ts'
import { html, type Html } from './html.ts'
import { directionOf, wholeNumber } from './input.ts'
import { page, type Page } from './page.ts'
import { directionView, jumpView, pagingView } from './paging.ts'
import {
  href,
  liveStreamPlace,
  metadataPlace,
  streamPlace,
  type Direction,
  type StreamQuery,
} from './places.ts'
import { nextRevisionOf, stateOf, type StreamState } from './stream-state.ts'
import { streamWindow, type StreamWindow } from './stream-window.ts'
import { countText, plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import { logIdOf, type WebNode } from './web-node.ts'

/** The events of one stream, or in plain words why there are none. */
export function streamPage(node: WebNode, viewer: Viewer, stream: string, query: URLSearchParams): Page {
  viewer.mustRead(stream)
  const from = wholeNumber(query.get('from'), 'revision')
  const direction = directionOf(query)
  const state = stateOf(node, stream)
  const section = 'streams'
  if (state.kind !== 'there') {
    const body = html`${heading(stream)} ${absence(stream, state)}
    ${state.kind !== 'tombstoned' && following(node, stream)}`
    return page(stream, body, { status: state.kind === 'tombstoned' ? 410 : 404, section })
  }
  if (state.first > state.last) {
    const body = html`${heading(stream)}
      <p class="state">
        Nothing to see: the stream’s <a href="${href(metadataPlace(stream))}">metadata</a> hides all of its
        ${plural(state.last + 1, 'event')}, by age or by truncation. What is appended next is number
        ${state.last + 1}.
      </p>
      ${following(node, stream)}`
    return page(stream, body, { section })
  }
  const window = streamWindow(node, stream, state, from, direction)
  const body = html`${heading(stream)} ${extent(stream, state)}
  ${bar(node, stream, { window, from, direction })} ${list(node, viewer, window, state, from)}
  ${window.records.length > 5 && pagingView(ways(stream, window), 'below')}`
  return page(stream, body, { section })
}

/** The stream's name, and what belongs to it. */
export function heading(stream: string, here: 'events' | 'metadata' = 'events'): Html {
  const owner = isMetadataStream(stream) ? streamOfMetadata(stream) : undefined
  const dash = stream.indexOf('-')
  const category = dash > 0 && !stream.startsWith('$') ? stream.slice(0, dash) : undefined
  return html`<h1 class="name">${stream}${here === 'metadata' && html` <small>metadata</small>`}</h1>
    <ul class="related">
      ${here === 'metadata' && html`<li><a href="${href(streamPlace(stream))}">Events</a></li>`}
      ${
        owner === undefined
          ? here === 'events' && html`<li><a href="${href(metadataPlace(stream))}">Metadata</a></li>`
          : html`<li>Metadata of <a href="${href(streamPlace(owner))}">${owner}</a></li>`
      }
      ${
        category !== undefined &&
        html`<li>Category <a href="${href(streamPlace(`$ce-${category}`))}">${category}</a></li>`
      }
    </ul>`
}

function absence(stream: string, state: Exclude<StreamState, { kind: 'there' }>): Html {
  if (state.kind === 'tombstoned') {
    return html`<p class="state">
      This stream was deleted for good. Its name can’t be used again; its events may still be seen in
      <code>$all</code>.
    </p>`
  }
  if (state.kind === 'soft-deleted') {
    return html`<p class="state">
      This stream was deleted. It begins anew with the next event that is appended to it; its former events
      may still be seen in <code>$all</code>.
    </p>`
  }
  const metadata = html` It has <a href="${href(streamPlace(metadataStream(stream)))}">metadata</a> already.`
  return html`<p class="state">
    There is no stream of this name yet.${state.hasMetadata && metadata}${projected(stream)}
  </p>`
}

const projections = [
  ['$ce-', '$by_category'],
  ['$et-', '$by_event_type'],
  ['$bc-', '$by_correlation_id'],
  ['$category-', '$stream_by_category'],
  ['$streams', '$streams'],
] as const

function projected(stream: string): Html | undefined {
  const projection = projections.find(([prefix]) => stream.startsWith(prefix))?.[1]
  if (projection === undefined) return undefined
  return html` Streams like this are written by the projection <code>${projection}</code>, once it is enabled.`
}

function extent(stream: string, { first, last }: { first: number; last: number }): Html {
  const visible = last - first + 1
  const hidden =
    first > 0 &&
    html`; ${plural(first, 'older one is', 'older ones are')} hidden by its
      <a href="${href(metadataPlace(stream))}">metadata</a>`
  return html`<p class="extent">
    ${plural(visible, 'event')}, ${countText(first)} to ${countText(last)}${hidden}.
  </p>`
}

interface Shown {
  readonly window: StreamWindow
  readonly from: number | undefined
  readonly direction: Direction
}

const ways = (stream: string, window: StreamWindow): Parameters<typeof pagingView>[0] => {
  const at = (query: StreamQuery | undefined) => query && streamPlace(stream, query)
  const { newest, newer, older, oldest } = window
  return { newest: at(newest), newer: at(newer), older: at(older), oldest: at(oldest) }
}

function bar(node: WebNode, stream: string, { window, from, direction }: Shown): Html {
  const other = direction === 'backwards' ? 'forwards' : undefined
  const keep = [['direction', direction === 'forwards' ? direction : undefined]] as const
  return html`<div class="bar">
    ${pagingView(ways(stream, window), 'above')}
    ${directionView(direction, streamPlace(stream, { direction: other }))}
    ${window.atEnd && followView(livePlace(node, stream))}
    ${jumpView({ place: streamPlace(stream), label: 'Revision', from, keep })}
  </div>`
}

function list(
  node: WebNode,
  viewer: Viewer,
  { records }: StreamWindow,
  { first, last }: { first: number; last: number },
  from: number | undefined,
): Html {
  if (records.length > 0) {
    return liveList(records.map((record) => listItem(eventView(node, viewer, record, { among: 'stream' }))))
  }
  const beyond = from !== undefined && from > last
  return html`<p class="state">
    ${beyond ? `There is no event ${from} yet: the last is ${last}.` : `Event ${from} is hidden: the first to see is ${first}.`}
  </p>`
}

const livePlace = (node: WebNode, stream: string) =>
  liveStreamPlace(stream, logIdOf(node), nextRevisionOf(node, stream))

const following = (node: WebNode, stream: string): Html =>
  html`<div class="bar">${followView(livePlace(node, stream))}</div>
    ${liveList([])}`
