import { allWindow, type AllWindow } from './all-window.ts'
import { eventView } from './event-view.ts'
import { followView, listItem, liveList } from './follow-view.ts'
import { html, type Html } from './html.ts'
import { directionOf, systemOf, wholeNumber } from './input.ts'
import { page, type Page } from './page.ts'
import { directionView, jumpView, pagingView } from './paging.ts'
import { allPlace, href, liveAllPlace, type AllQuery } from './places.ts'
import { plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import { logIdOf, type WebNode } from './web-node.ts'

/** Every event of the node in the order of its log. */
export function allPage(node: WebNode, viewer: Viewer, query: URLSearchParams): Page {
  viewer.mustRead('$all')
  const from = wholeNumber(query.get('from'), 'position')
  const direction = directionOf(query)
  const system = systemOf(query)
  const window = allWindow(node, { from, direction, system })
  const backwards = direction === 'backwards'
  const turned = allPlace({ direction: backwards ? 'forwards' : undefined, system })
  const filtered = allPlace({
    from,
    direction: backwards ? undefined : direction,
    system: system ? undefined : 'hide',
  })
  const keep = [
    ['direction', backwards ? undefined : direction],
    ['system', system],
  ] as const
  const body = html`<h1>$all</h1>
    <div class="bar">
      ${pagingView(ways(window), 'above')} ${directionView(direction, turned)}
      <a class="button" href="${href(filtered)}">${system ? 'Show' : 'Hide'} system events</a>
      ${window.atEnd && followView(liveAllPlace(logIdOf(node), node.log.lastPosition, system))}
      ${jumpView({ place: allPlace(), label: 'Position', from, keep })}
    </div>
    ${list(node, viewer, window)} ${window.records.length > 5 && pagingView(ways(window), 'below')}`
  return page('$all', body, { section: 'all' })
}

function ways({ newest, newer, older, oldest }: AllWindow): Parameters<typeof pagingView>[0] {
  const at = (query: AllQuery | undefined) => query && allPlace(query)
  return { newest: at(newest), newer: at(newer), older: at(older), oldest: at(oldest) }
}

function list(node: WebNode, viewer: Viewer, { records, gaveUpAfter }: AllWindow): Html {
  const items = records.map((record) => listItem(eventView(node, viewer, record, { among: 'all' })))
  const note =
    gaveUpAfter === undefined
      ? records.length === 0 && html`<p class="state">There are no events to show here.</p>`
      : html`<p class="note">
          ${plural(gaveUpAfter, 'event')} looked through for this page; there may be more to show behind them.
        </p>`
  return html`${liveList(items)} ${note}`
}
