import type { GroupInfo } from '../codec/persistent-info.ts'
import { groupInfo } from './consumer-groups.ts'
import { html, type Html } from './html.ts'
import { lagText } from './lag.ts'
import { page, type Page } from './page.ts'
import { allPlace, groupPlace, href, streamPlace, type Place } from './places.ts'
import { countText } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** All consumer groups, those with parked messages in sight at once. */
export function groupsPage({ groups }: WebNode, viewer: Viewer): Page {
  viewer.mustOperate()
  const infos = groups.all().map(groupInfo)
  const sorted = infos.toSorted((a, b) => a.stream.localeCompare(b.stream) || a.group.localeCompare(b.group))
  const body = html`<h1 id="groups">Subscriptions</h1>
    ${sorted.length === 0 ? html`<p class="state">There are no consumer groups.</p>` : table(sorted)}`
  return page('Subscriptions', body, { section: 'subscriptions' })
}

export const sourcePlace = (stream: string): Place => (stream === '$all' ? allPlace() : streamPlace(stream))

const table = (infos: readonly GroupInfo[]): Html =>
  html`<div class="scroll" role="region" aria-labelledby="groups" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Group</th>
          <th scope="col">Source</th>
          <th scope="col">Status</th>
          <th scope="col">Strategy</th>
          <th scope="col" class="figure">Connections</th>
          <th scope="col" class="figure">Lag</th>
          <th scope="col" class="figure">In flight</th>
          <th scope="col" class="figure">Retries</th>
          <th scope="col" class="figure">Parked</th>
        </tr>
      </thead>
      <tbody>
        ${infos.map(row)}
      </tbody>
    </table>
  </div>`

function row(info: GroupInfo): Html {
  const { stream, group } = info
  return html`<tr>
    <th scope="row"><a href="${href(groupPlace(stream, group))}">${group}</a></th>
    <td><a href="${href(sourcePlace(stream))}">${stream}</a></td>
    <td>${info.status}</td>
    <td>${info.strategy}</td>
    <td class="figure">${info.connections.length}</td>
    <td class="figure">${lagText(info)}</td>
    <td class="figure">${countText(info.inFlight)}</td>
    <td class="figure">${countText(info.retryBufferCount)}</td>
    <td class="figure ${info.parkedCount > 0 && 'wrong'}">${countText(info.parkedCount)}</td>
  </tr>`
}
