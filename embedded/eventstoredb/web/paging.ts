import { html, type Html } from './html.ts'
import { href, type Direction, type Place } from './places.ts'

/** Ways on from a page, by age whichever way it is read; undefined where there is nothing more. */
export interface Ways {
  readonly newest: Place | undefined
  readonly newer: Place | undefined
  readonly older: Place | undefined
  readonly oldest: Place | undefined
}

export function pagingView({ newest, newer, older, oldest }: Ways, where: string): Html {
  return html`<nav class="paging" aria-label="Pages, ${where}">
    ${way('Newest', newest)} ${way('Newer', newer, 'next', 'n')} ${way('Older', older, 'prev', 'o')}
    ${way('Oldest', oldest)}
  </nav>`
}

/** What leads nowhere stays in its place, greyed out, so that the others don't move. */
function way(label: string, place: Place | undefined, rel?: string, key?: string): Html {
  if (place === undefined) return html`<span aria-disabled="true">${label}</span>`
  return html`<a href="${href(place)}" ${rel && html`rel="${rel}"`} ${key && html`data-key="${key}"`}
    >${label}</a
  >`
}

export interface Jump {
  /** The page without its query, whose fields the form adds. */
  readonly place: Place
  readonly label: string
  readonly from: number | undefined
  readonly keep: readonly (readonly [name: string, value: string | undefined])[]
}

/** Asks for a number to go to; the node says what is wrong with it, so that no script is needed. */
export function jumpView({ place, label, from, keep }: Jump): Html {
  return html`<form class="jump" action="${place.path}">
    ${[...place.query, ...keep].map(([name, value]) => value !== undefined && hidden(name, value))}
    <label for="jump">${label}</label>
    <input id="jump" name="from" inputmode="numeric" autocomplete="off" size="8" value="${from}" />
    <button type="submit">Go</button>
  </form>`
}

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`

/** Turns the page around. */
export function directionView(direction: Direction, other: Place): Html {
  const label = direction === 'backwards' ? 'Oldest first' : 'Newest first'
  return html`<a class="button" href="${href(other)}">${label}</a>`
}
