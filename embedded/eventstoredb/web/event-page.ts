import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { EventRecord } from '../log/event-record.ts'
import type { Answer } from './answer.ts'
import { redirect } from './answer.ts'
import { findCause, findEffects } from './causality.ts'
import { eventView, timeView } from './event-view.ts'
import { html, type Html } from './html.ts'
import { wholeNumber } from './input.ts'
import { page, type Page } from './page.ts'
import { allPlace, eventPlace, href, streamPlace } from './places.ts'
import { badRequest, goneForGood, noSuchPage } from './problem.ts'
import { stateOf } from './stream-state.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** One event by itself, under an address that stays. */
export function eventPage(node: WebNode, viewer: Viewer, stream: string, number: string): Page {
  const record = eventAt(node, viewer, stream, number)
  const body = html`<h1 class="name">
      <span class="unseen">Event</span> ${record.revision}
      <small>of <a href="${href(streamPlace(stream, { from: record.revision }))}">${stream}</a></small>
    </h1>
    ${neighbourLinks(node, record)} ${eventView(node, viewer, record, { among: 'nothing' })}
    ${effectsView(node, viewer, record)}`
  return page(`${record.revision} of ${stream}`, body, { section: 'streams' })
}

/** One part of an event, byte by byte. */
export function rawPart(node: WebNode, viewer: Viewer, address: RawAddress): Answer {
  const { stream, number, part } = address
  if (part !== 'data' && part !== 'metadata') throw noSuchPage('An event has data and metadata.')
  const record = eventAt(node, viewer, stream, number)
  return { kind: 'file', name: `${record.id}-${part}`, bytes: record.body[part] }
}

export interface RawAddress {
  readonly stream: string
  readonly number: string
  readonly part: string
}

/** From an id to the event that has it. */
export function causePage(node: WebNode, viewer: Viewer, id: string, query: URLSearchParams): Answer {
  const position = wholeNumber(query.get('position'), 'position')
  if (position === undefined)
    throw badRequest('Where to look for the event is missing: its effect’s position.')
  const correlationId = query.get('correlation') ?? undefined
  const found = findCause(node, viewer, { id, position, correlationId })
  if (found !== undefined) return redirect(eventPlace(found.stream, found.revision))
  throw noSuchPage(
    `The event ${id} is neither among the last ones before its effect, nor in the stream of its correlation ` +
      '(which the projection $by_correlation_id writes, once it is enabled).',
  )
}

function eventAt(node: WebNode, viewer: Viewer, stream: string, number: string): EventRecord {
  viewer.mustRead(stream)
  const state = stateOf(node, stream)
  if (state.kind === 'tombstoned') throw goneForGood(`The stream ${stream} was deleted for good.`)
  const revision = number === String(tombstoneRevision) ? undefined : wholeNumber(number, 'revision')
  if (state.kind === 'missing') throw noSuchPage(`There is no stream ${stream}.`)
  if (state.kind === 'soft-deleted') throw noSuchPage(`The stream ${stream} was deleted.`)
  const record = revision === undefined ? undefined : node.streams.visibleAt(stream, revision)
  if (record !== undefined) return record
  if (revision !== undefined && revision < state.first) {
    throw noSuchPage(`The stream’s metadata hides event ${revision} of ${stream}; ${firstText(state)}`)
  }
  throw noSuchPage(`There is no event ${number} in ${stream}: the last is ${state.last}.`)
}

const firstText = ({ first, last }: { first: number; last: number }): string =>
  first > last ? 'none of its events can be seen.' : `the first to see is ${first}.`

function neighbourLinks(node: WebNode, { stream, revision, position }: EventRecord): Html {
  const state = stateOf(node, stream)
  const within = state.kind === 'there' ? state : { first: revision, last: revision }
  const to = (label: string, other: number, there: boolean, rel: string, key: string): Html =>
    there
      ? html`<a href="${href(eventPlace(stream, other))}" rel="${rel}" data-key="${key}">${label}</a>`
      : html`<span aria-disabled="true">${label}</span>`
  return html`<nav class="paging" aria-label="Neighbours">
    ${to('Previous', revision - 1, revision > within.first, 'prev', 'o')}
    ${to('Next', revision + 1, revision < within.last, 'next', 'n')}
    <a href="${href(allPlace({ from: position }))}">In $all</a>
  </nav>`
}

function effectsView(node: WebNode, viewer: Viewer, cause: EventRecord): Html {
  const { records, among } = findEffects(node, viewer, cause)
  const list = html`<ul class="plain">
    ${records.map(effectView)}
  </ul>`
  return html`<section aria-labelledby="effects">
    <h2 id="effects">What it caused</h2>
    ${records.length === 0 ? html`<p class="note">Nothing among ${among}.</p>` : list}
  </section>`
}

const effectView = ({ stream, revision, type, body }: EventRecord): Html =>
  html`<li>
    <a href="${href(eventPlace(stream, revision))}">${revision} of ${stream}</a>
    <span class="type">${type}</span>
    ${timeView(body.createdMs)}
  </li>`
