import { tombstoneRevision } from '../codec/recorded-event.ts'
import { numberText } from '../http/event-view.ts'
import type { EventRecord } from '../log/event-record.ts'
import { linkType, parseTarget, resolveLink } from '../log/links.ts'
import { html, type Html } from './html.ts'
import { payloadView, type Format, type PayloadOptions } from './payload.ts'
import { allPlace, causePlace, eventPlace, href, rawPlace, streamPlace } from './places.ts'
import { bytesText } from './text.ts'
import { traceOf, type Trace } from './trace.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

export interface EventViewOptions {
  /** Where it is shown: in its stream, among all events, or by itself. */
  readonly among: 'stream' | 'all' | 'nothing'
}

interface Limits extends Pick<PayloadOptions, 'values' | 'bytes'> {
  /** Where more of an event can be seen than here. */
  readonly wholeOf: (record: EventRecord, part: Part) => string
}

type Part = 'data' | 'metadata'

const inLists: Limits = {
  values: 150,
  bytes: 32 * 1024,
  wholeOf: ({ stream, revision }) => href(eventPlace(stream, revision)),
}
const alone: Limits = {
  values: 5000,
  bytes: 1024 * 1024,
  wholeOf: ({ stream, revision }, part) => href(rawPlace(stream, revision, part)),
}

export const typePlace = (type: string): string => href(streamPlace(`$et-${type}`))

/** One event with all that it carries; for a link in its stream, what it leads to. */
export function eventView(
  node: WebNode,
  viewer: Viewer,
  record: EventRecord,
  { among }: EventViewOptions,
): Html {
  const limits = among === 'nothing' ? alone : inLists
  const target = targetOf(node, viewer, record)
  const shown = among !== 'all' && target.record !== undefined ? target.record : record
  const { body } = shown
  const trace = traceOf(body.metadata)
  return html`<article class="event" aria-label="Event ${numberText(record.revision)} of ${record.stream}">
    <header>
      ${nameOf(record, among)} <a class="type" href="${typePlace(record.type)}">${record.type}</a>
      ${timeView(record.body.createdMs)}
    </header>
    ${target.view} ${payload(shown, 'data', body.json ? 'json' : 'bytes', limits)}
    ${
      body.metadata.length > 0 &&
      html`<details class="metadata" ${among === 'nothing' && html`open`}>
        <summary>Metadata</summary>
        ${payload(shown, 'metadata', 'unsaid', limits, hrefsIn(trace, shown))}
      </details>`
    }
    ${facts(record, shown, trace)}
  </article>`
}

export function timeView(createdMs: number): Html {
  const iso = new Date(createdMs).toISOString()
  return html`<time datetime="${iso}" title="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`
}

function nameOf(record: EventRecord, among: EventViewOptions['among']): Html | undefined {
  if (among === 'nothing') return undefined
  const number = revisionView(record)
  if (among === 'stream') return number
  return html`<a class="stream" href="${href(streamPlace(record.stream))}">${record.stream}</a> ${number}`
}

/** A link to the event alone; a tombstone is all that there is of its stream, so it leads nowhere. */
export function revisionView({ stream, revision }: EventRecord): Html {
  if (revision === tombstoneRevision) return html`<span class="revision">tombstone</span>`
  return html`<a class="revision" href="${href(eventPlace(stream, revision))}">${revision}</a>`
}

interface Target {
  readonly record: EventRecord | undefined
  readonly view: Html | undefined
}

/** Where a link leads, if it is one: both ends are shown, and the far one only to those who may see it. */
function targetOf(node: WebNode, viewer: Viewer, record: EventRecord): Target {
  if (record.type === '$@') {
    const stream = record.body.data.toString('utf8')
    const place = href(streamPlace(stream))
    return { record: undefined, view: html`<p class="target">Names <a href="${place}">${stream}</a></p>` }
  }
  const target = record.type === linkType ? parseTarget(record.body.data.toString('utf8')) : undefined
  if (target === undefined) return { record: undefined, view: undefined }
  const place = href(eventPlace(target.stream, target.revision))
  const name = html`<a href="${place}">${target.revision}</a> of
    <a href="${href(streamPlace(target.stream))}">${target.stream}</a>`
  const found = viewer.mayRead(target.stream) ? resolveLink(node.streams, record) : undefined
  const what =
    found === undefined
      ? html`, which can’t be seen`
      : html`, <a class="type" href="${typePlace(found.type)}">${found.type}</a>`
  return { record: found, view: html`<p class="target">Links to ${name}${what}</p>` }
}

function payload(
  record: EventRecord,
  part: Part,
  format: Format,
  limits: Limits,
  hrefOf: PayloadOptions['hrefOf'] = () => undefined,
): Html {
  return html`<div class="payload">
    ${payloadView(record.body[part], format, { ...limits, whole: limits.wholeOf(record, part), hrefOf })}
  </div>`
}

const correlationHref = (correlationId: string): string => href(streamPlace(`$bc-${correlationId}`))
const causationHref = (causationId: string, record: EventRecord, trace: Trace): string =>
  href(causePlace(causationId, record.position, trace.correlationId))

/** The ids in metadata lead to what they identify. */
const hrefsIn =
  (trace: Trace, record: EventRecord) =>
  (key: string, text: string): string | undefined => {
    if (key === '$correlationId' && text === trace.correlationId) return correlationHref(text)
    if (key === '$causationId' && text === trace.causationId) return causationHref(text, record, trace)
    return undefined
  }

function facts(record: EventRecord, shown: EventRecord, trace: Trace): Html {
  const { data, metadata, json } = shown.body
  const { correlationId, causationId } = trace
  return html`<dl class="facts">
    ${fact('Id', html`<code>${shown.id}</code>`)}
    ${fact('Position', html`<a href="${href(allPlace({ from: record.position }))}">${record.position}</a>`)}
    ${fact('Size', `${bytesText(data.length + metadata.length)}${json ? ', JSON' : ''}`)}
    ${correlationId && fact('Correlation', idLink(correlationHref(correlationId), correlationId))}
    ${causationId && fact('Caused by', idLink(causationHref(causationId, shown, trace), causationId))}
  </dl>`
}

export const fact = (name: string, value: Html | string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`

const idLink = (place: string, id: string): Html => html`<a href="${place}"><code>${id}</code></a>`
