import type { ConnectionInfo, GroupInfo } from '../codec/persistent-info.ts'
import { groupAt, groupInfo, type GroupAddress, type GroupConfig } from './consumer-groups.ts'
import { fact } from './event-view.ts'
import { sourcePlace } from './groups-page.ts'
import { html, type Html } from './html.ts'
import { wholeNumber } from './input.ts'
import { lagText } from './lag.ts'
import { page, type Page } from './page.ts'
import { parkedView } from './parked-view.ts'
import { groupsPlace, href, replayPlace } from './places.ts'
import { countText, millisecondsText, plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** One consumer group: how it goes, who consumes, what it is set to and what it couldn't handle. */
export function groupPage(
  node: WebNode,
  viewer: Viewer,
  address: GroupAddress,
  query: URLSearchParams,
): Page {
  viewer.mustOperate()
  const { stream, group } = address
  const running = groupAt(node, address)
  const replayed = wholeNumber(query.get('replayed'), 'number of messages')
  const from = wholeNumber(query.get('from'), 'number of a parked message')
  const info = groupInfo(running)
  const body = html`<h1 class="name">
      ${group} <small>on <a href="${href(sourcePlace(stream))}">${stream}</a></small>
    </h1>
    <ul class="related">
      <li><a href="${href(groupsPlace)}">All subscriptions</a></li>
    </ul>
    ${
      replayed !== undefined &&
      html`<p class="done" role="status">${plural(replayed, 'parked message')} given back to the group.</p>`
    }
    ${progress(info)}
    <section aria-labelledby="parked">
      <div class="bar">
        <h2 id="parked">Parked messages</h2>
        ${info.parkedCount > 0 && html`<a class="button" href="${href(replayPlace(stream, group))}">Replay…</a>`}
      </div>
      ${parkedView(node, viewer, running.config, from)}
    </section>
    <section aria-labelledby="connections">
      <h2 id="connections">Connections</h2>
      ${info.connections.length === 0 ? html`<p class="note">Nobody consumes.</p>` : connections(info.connections)}
    </section>
    <section aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      ${settings(info, running.config)}
    </section>`
  return page(`${group} on ${stream}`, body, { section: 'subscriptions' })
}

const progress = (info: GroupInfo): Html =>
  html`<dl class="facts cards">
    ${fact('Status', info.status)} ${fact('Last known', info.lastKnown || '–')}
    ${fact('Checkpoint', info.lastCheckpointed || '–')} ${fact('Lag', lagText(info))}
    ${fact('In flight', countText(info.inFlight))} ${fact('Retries', countText(info.retryBufferCount))}
    ${fact('Buffered', countText(info.readBufferCount))} ${fact('Parked', countText(info.parkedCount))}
    ${fact('Delivered', countText(info.totalItems))}
    ${fact('Per second', countText(Math.round(info.averagePerSecond)))}
  </dl>`

const connections = (all: readonly ConnectionInfo[]): Html =>
  html`<div class="scroll" role="region" aria-labelledby="connections" tabindex="0">
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">User</th>
          <th scope="col" class="figure">In flight</th>
          <th scope="col" class="figure">Free slots</th>
          <th scope="col" class="figure">Delivered</th>
          <th scope="col" class="figure">Per second</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          (connection) =>
            html`<tr>
              <th scope="row">${connection.name}</th>
              <td>${connection.username}</td>
              <td class="figure">${countText(connection.inFlight)}</td>
              <td class="figure">${countText(connection.availableSlots)}</td>
              <td class="figure">${countText(connection.totalItems)}</td>
              <td class="figure">${countText(Math.round(connection.averagePerSecond))}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

function settings(info: GroupInfo, { filter }: GroupConfig): Html {
  const yesOrNo = (yes: boolean): string => (yes ? 'yes' : 'no')
  return html`<dl class="settings">
    ${fact('Strategy', info.strategy)} ${fact('Starts from', startText(info.startFrom))}
    ${filter !== undefined && fact('Filter', filterText(filter))}
    ${fact('Resolves links', yesOrNo(info.resolveLinks))}
    ${fact('Message timeout', millisecondsText(info.messageTimeoutMs))}
    ${fact('Retries before parking', countText(info.maxRetryCount))}
    ${fact('Checkpoint', checkpointText(info))}
    ${fact('Subscribers at most', info.maxSubscribers === 0 ? 'any number' : countText(info.maxSubscribers))}
    ${fact('Live buffer', plural(info.liveBufferSize, 'event'))}
    ${fact('History buffer', plural(info.historyBufferSize, 'event'))}
    ${fact('Read batch', plural(info.readBatchSize, 'event'))}
    ${fact('Extra statistics', yesOrNo(info.extraStatistics))}
  </dl>`
}

function startText(from: string): string {
  if (from === '0' || from === 'C:0/P:0') return 'the start'
  return from === '-1' || from === 'C:-1/P:-1' ? 'the end' : from
}

const filterText = ({ on, regex, prefixes }: NonNullable<GroupConfig['filter']>): string =>
  `${on === 'stream' ? 'stream name' : 'event type'} ${regex === '' ? `begins with ${prefixes.join(' or ')}` : `matches ${regex}`}`

const checkpointText = (info: GroupInfo): string =>
  `every ${countText(info.minCheckpointCount)} to ${countText(info.maxCheckpointCount)} events, ` +
  (info.checkpointAfterMs === 0 ? 'never by time' : `after ${millisecondsText(info.checkpointAfterMs)}`)
