import { redirect, type Answer } from './answer.ts'
import type { Forms } from './forms.ts'
import { groupAt, parkedCount, type GroupAddress } from './consumer-groups.ts'
import { html } from './html.ts'
import { page, type Page } from './page.ts'
import { groupPlace, href, replayPlace } from './places.ts'
import { plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** Asks before it does anything, which needs no script. */
export function replayPage(
  node: WebNode,
  viewer: Viewer,
  forms: Forms,
  { stream, group }: GroupAddress,
): Page {
  viewer.mustOperate()
  const count = parkedCount(groupAt(node, { stream, group }))
  const back = html`<a class="button" href="${href(groupPlace(stream, group))}">Not now</a>`
  const body = html`<h1>Replay <small>${group} on ${stream}</small></h1>
    <p>
      ${
        count === 0
          ? 'Nothing is parked.'
          : `${plural(count, 'parked message')} will be delivered to the group’s consumers again.`
      }
    </p>
    <div class="bar">
      ${count > 0 && forms.view(viewer, replayPlace(stream, group), { label: `Replay ${plural(count, 'message')}` })}
      ${back}
    </div>`
  return page(`Replay ${group} on ${stream}`, body, { section: 'subscriptions' })
}

/** Replays what is parked now; the group's page then tells how much that was. */
export function replay(node: WebNode, viewer: Viewer, { stream, group }: GroupAddress): Answer {
  viewer.mustOperate()
  const running = groupAt(node, { stream, group })
  const count = parkedCount(running)
  running.replayParked(undefined)
  return redirect(groupPlace(stream, group, { replayed: count }))
}
