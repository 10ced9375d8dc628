import { html, type Html } from './html.ts'
import {
  allPlace,
  assetPlace,
  groupsPlace,
  href,
  overview,
  projectionsPlace,
  searchPlace,
  type Place,
} from './places.ts'

export type Section = 'streams' | 'all' | 'subscriptions' | 'projections'

export interface Page {
  readonly kind: 'page'
  readonly status: number
  readonly title: string
  readonly section: Section | undefined
  readonly body: Html
}

export interface PageOptions {
  readonly status?: number
  readonly section?: Section
}

export const page = (title: string, body: Html, { status = 200, section }: PageOptions = {}): Page => ({
  kind: 'page',
  status,
  title,
  section,
  body,
})

const sections: readonly (readonly [section: Section, place: Place, label: string])[] = [
  ['streams', overview, 'Streams'],
  ['all', allPlace(), '$all'],
  ['subscriptions', groupsPlace, 'Subscriptions'],
  ['projections', projectionsPlace, 'Projections'],
]

const stylesheets = ['base.css', 'frame.css', 'content.css']

const searches = [
  ['stream', 'Stream'],
  ['category', 'Category'],
  ['type', 'Event type'],
  ['correlation', 'Correlation id'],
] as const

/** What all pages share. `who` is the name to show where people have to log in. */
export function document(
  content: Page,
  { version, who }: { version: string; who: string | undefined },
): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${content.title} · EventStoreDB</title>
        <link rel="icon" type="image/svg+xml" href="${href(assetPlace('icon.svg'))}" />
        ${stylesheets.map((name) => html`<link rel="stylesheet" href="${href(assetPlace(name))}" />`)}
        <script type="module" src="${href(assetPlace('browser.js'))}"></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <a class="brand" href="${href(overview)}">EventStoreDB</a>
          <nav aria-label="Sections">
            <ul>
              ${sections.map(([section, place, label]) => sectionLink(section === content.section, place, label))}
            </ul>
          </nav>
          ${searchForm()}
        </header>
        <main id="main" tabindex="-1">${content.body}</main>
        <footer>
          <p>Speaks EventStoreDB ${version}${who !== undefined && html`, logged in as <b>${who}</b>`}</p>
          ${shortcuts()}
        </footer>
      </body>
    </html>`
}

const sectionLink = (current: boolean, place: Place, label: string): Html =>
  html`<li><a href="${href(place)}" ${current && html`aria-current="page"`}>${label}</a></li>`

const searchForm = (): Html =>
  html`<form class="search" role="search" action="${href(searchPlace)}">
    <label class="unseen" for="search-kind">What to look for</label>
    <select id="search-kind" name="kind">
      ${searches.map(([kind, label]) => html`<option value="${kind}">${label}</option>`)}
    </select>
    <label class="unseen" for="search-text">Name or id</label>
    <input
      id="search-text"
      name="q"
      type="search"
      list="recent-streams"
      placeholder="order-1"
      autocomplete="off"
      autocapitalize="none"
      spellcheck="false"
      required
    />
    <button type="submit">Go</button>
  </form>`

const shortcuts = (): Html =>
  html`<details class="shortcuts" data-shortcuts hidden>
    <summary>Keyboard shortcuts</summary>
    <dl>
      <div>
        <dt><kbd>/</kbd></dt>
        <dd>Search</dd>
      </div>
      <div>
        <dt><kbd>o</kbd></dt>
        <dd>Older</dd>
      </div>
      <div>
        <dt><kbd>n</kbd></dt>
        <dd>Newer</dd>
      </div>
      <div>
        <dt><kbd>f</kbd></dt>
        <dd>Follow live, or pause</dd>
      </div>
      <div>
        <dt><kbd>?</kbd></dt>
        <dd>This list</dd>
      </div>
    </dl>
    <label><input type="checkbox" checked /> Use them on this device</label>
  </details>`
