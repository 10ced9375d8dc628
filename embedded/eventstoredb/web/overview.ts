import type { EventRecord } from '../log/event-record.ts'
import { revisionView, timeView, typePlace } from './event-view.ts'
import { html, type Html } from './html.ts'
import { systemOf } from './input.ts'
import { page, type Page } from './page.ts'
import { allPlace, groupsPlace, href, overview, streamPlace } from './places.ts'
import { bytesText, countText, plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** How far back the page looks, and how many streams it wants to find there. */
const mostConsidered = 2000
const mostStreams = 40
const stepLength = 200

/** Where everyone starts: what was written to lately, and how the node is. */
export function overviewPage(node: WebNode, viewer: Viewer, query: URLSearchParams): Page {
  if (viewer.isAnonymous) viewer.mustRead('$all')
  const system = systemOf(query, 'hide')
  if (!viewer.mayRead('$all')) {
    const closed = html`<p class="state">
      What was written lately is for those who may read <code>$all</code>.
    </p>`
    return page(
      'Streams',
      html`<h1>Streams</h1>
        ${facts(node, viewer)} ${closed}`,
      { section: 'streams' },
    )
  }
  const { lasts, considered } = recentStreams(node, system)
  const toggled = `${overview.path}${system === 'hide' ? '?system=show' : ''}`
  const body = html`<h1>Streams</h1>
    ${facts(node, viewer)}
    <section aria-labelledby="recent">
      <div class="bar">
        <h2 id="recent">Written to lately</h2>
        <a class="button" href="${toggled}">${system ? 'Show' : 'Hide'} system streams</a>
      </div>
      ${lasts.length === 0 ? html`<p class="state">None.</p>` : table(lasts)}
      <p class="note">Looked for among the newest ${plural(considered, 'event')}.</p>
      <datalist id="recent-streams">
        ${lasts.map(({ stream }) => html`<option value="${stream}"></option>`)}
      </datalist>
    </section>`
  return page('Streams', body, { section: 'streams' })
}

interface Recent {
  /** The last event of each stream, newest first. */
  readonly lasts: readonly EventRecord[]
  readonly considered: number
}

export function recentStreams({ all, log }: WebNode, system: 'hide' | undefined): Recent {
  const lasts = new Map<string, EventRecord>()
  let considered = 0
  let cursor = log.visibleEnd
  while (considered < mostConsidered && lasts.size < mostStreams) {
    const step = all.backward(cursor, stepLength)
    if (step.length === 0) break
    for (const record of step) {
      if (considered === mostConsidered || lasts.size === mostStreams) break
      considered += 1
      cursor = record.position
      if (system === 'hide' && record.stream.startsWith('$')) continue
      if (!lasts.has(record.stream)) lasts.set(record.stream, record)
    }
  }
  return { lasts: [...lasts.values()], considered }
}

const table = (lasts: readonly EventRecord[]): Html =>
  html`<div class="scroll" role="region" aria-labelledby="recent" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Stream</th>
          <th scope="col" class="figure">Last event</th>
          <th scope="col">Type</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        ${lasts.map(row)}
      </tbody>
    </table>
  </div>`

function row(record: EventRecord): Html {
  const { stream, type, body } = record
  return html`<tr>
    <th scope="row"><a href="${href(streamPlace(stream))}">${stream}</a></th>
    <td class="figure">${revisionView(record)}</td>
    <td><a class="type" href="${typePlace(type)}">${type}</a></td>
    <td>${timeView(body.createdMs)}</td>
  </tr>`
}

function facts(node: WebNode, viewer: Viewer): Html {
  const { log, groups, version, startedAt } = node
  const position = log.lastPosition
  return html`<dl class="facts cards">
    <div>
      <dt>Version</dt>
      <dd>${version}</dd>
    </div>
    <div>
      <dt>Last position</dt>
      <dd><a href="${href(allPlace({ from: position }))}">${countText(position)}</a></dd>
    </div>
    <div>
      <dt>Size of the log</dt>
      <dd>${bytesText(log.visibleEnd)}</dd>
    </div>
    <div>
      <dt>Up since</dt>
      <dd>${timeView(startedAt.getTime())}</dd>
    </div>
    ${
      viewer.mayOperate &&
      html`<div>
        <dt>Consumer groups</dt>
        <dd><a href="${href(groupsPlace)}">${groups.all().length}</a></dd>
      </div>`
    }
  </dl>`
}
