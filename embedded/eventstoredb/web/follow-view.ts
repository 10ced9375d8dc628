import { html, type Html } from './html.ts'
import { href, type Place } from './places.ts'

/**
 * The switch for following live, which the script makes visible: without one there is nothing to switch. What it
 * says about the connection is read out; the events are not, as they may be many.
 */
export function followView(live: Place): Html {
  return html`<div class="follow" data-follow="${href(live)}" hidden>
    <button type="button" aria-pressed="false" data-key="f">Follow live</button>
    <span class="follow-state" role="status" aria-live="polite"></span>
  </div>`
}

/** New events go on top of this list. */
export const liveList = (items: readonly Html[]): Html =>
  html`<ol class="events" data-live-list>
    ${items}
  </ol>`

export const listItem = (content: Html): Html => html`<li>${content}</li>`
