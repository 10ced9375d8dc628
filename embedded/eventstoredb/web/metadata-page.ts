import { z } from 'zod'

import { tombstoneRevision } from '../codec/recorded-event.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import { eventView } from './event-view.ts'
import { html, type Html } from './html.ts'
import { page, type Page } from './page.ts'
import { stateOf } from './stream-state.ts'
import { heading } from './stream-page.ts'
import { plural, secondsText } from './text.ts'
import { jsonOf } from './trace.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

const roles = z.union([z.string().transform((role) => [role]), z.array(z.string())])
const acl = z.object({
  $r: roles.optional(),
  $w: roles.optional(),
  $d: roles.optional(),
  $mr: roles.optional(),
  $mw: roles.optional(),
})
const withAcl = z.object({ $acl: acl.optional() })

const operations = [
  ['$r', 'Read events'],
  ['$w', 'Write events'],
  ['$d', 'Delete the stream'],
  ['$mr', 'Read this metadata'],
  ['$mw', 'Change this metadata'],
] as const

/** What a stream's metadata means, in words, above the metadata itself. */
export function metadataPage(node: WebNode, viewer: Viewer, stream: string): Page {
  viewer.mustReadMetadata(stream)
  const section = 'streams'
  const title = `Metadata of ${stream}`
  const state = stateOf(node, stream)
  if (state.kind === 'tombstoned') {
    const gone = html`<p class="state">This stream was deleted for good, and its metadata with it.</p>`
    return page(title, html`${heading(stream, 'metadata')} ${gone}`, { status: 410, section })
  }
  const record = node.streams.last(metadataStream(stream))
  if (record === undefined) {
    const none = html`<p class="state">
      This stream has no metadata: nothing limits how long its events are kept, and who may do what is left to
      the defaults of the node.
    </p>`
    return page(title, html`${heading(stream, 'metadata')} ${none}`, { section })
  }
  const rows = [...retention(node, stream), ...permissions(record.body.data)]
  const body = html`${heading(stream, 'metadata')}
    <dl class="settings">${rows.map(([name, words]) => setting(name, words))}</dl>
    <h2>As it was written</h2>
    ${eventView(node, viewer, record, { among: 'all' })}`
  return page(title, body, { section })
}

type Row = readonly [name: string, words: string]

/** As the node itself understands it, so that the page can't say anything else than what holds. */
function retention(node: WebNode, stream: string): Row[] {
  const { maxCount, maxAgeSeconds, truncateBefore, softDeleted } = node.log.heads.get(stream).visibleMetadata
  const rows: Row[] = []
  if (maxCount !== undefined) rows.push(['$maxCount', `Keeps the newest ${plural(maxCount, 'event')}.`])
  if (maxAgeSeconds !== undefined) rows.push(['$maxAge', `Keeps events for ${secondsText(maxAgeSeconds)}.`])
  if (softDeleted) rows.push(['$tb', 'Deleted: hides all events up to the next one that is appended.'])
  else if (truncateBefore !== undefined && truncateBefore < tombstoneRevision) {
    rows.push(['$tb', `Hides the events before number ${truncateBefore}.`])
  }
  return rows.length > 0 ? rows : [['Kept', 'All events: no limit by count, age or number is in force.']]
}

function permissions(json: Buffer): Row[] {
  const given = parseAcl(json)
  if (given === undefined) return [['$acl', 'Who may do what is left to the defaults of the node.']]
  return operations.map(([key, words]) => {
    const names = given[key]
    if (names === undefined) return [key, `${words}: by the defaults of the node`]
    return [
      key,
      `${words}: ${names.length === 0 ? 'nobody but administrators' : names.map(roleText).join(', ')}`,
    ]
  })
}

const roleText = (role: string): string =>
  role === '$all' ? 'everyone ($all)' : role === '$admins' ? 'administrators ($admins)' : role

function parseAcl(json: Buffer): z.infer<typeof acl> | undefined {
  const parsed = withAcl.safeParse(jsonOf(json))
  return parsed.success ? parsed.data.$acl : undefined
}

const setting = (name: string, words: string): Html =>
  html`<div>
    <dt><code>${name}</code></dt>
    <dd>${words}</dd>
  </div>`
