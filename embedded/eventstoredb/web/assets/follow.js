import { showLocalTimes } from './times.js'

/** Rows on the page, and rows that wait while it is paused: beyond these the oldest go. */
const mostRows = 200
/** The node says something at least every 15 s; longer silence is a connection that is gone. */
const longestSilenceMs = 40_000
const retryMs = [1000, 2000, 4000, 8000]
const sayEveryMs = 1000

/**
 * @typedef {'off' | 'following' | 'paused' | 'over'} State
 * @typedef {'connecting' | 'open' | 'lost'} Link
 * @typedef {{ createHTML(html: string): string }} Policy
 * @typedef {{ createPolicy(name: string, rules: Policy): Policy }} PolicyFactory
 */

const policy = createPolicy()

/** Rows come from the node as markup, escaped there just as in the page itself. */
function createPolicy() {
  /** @type {{ trustedTypes?: PolicyFactory }} */
  const { trustedTypes } = globalThis
  /** @type {Policy} */
  const asItIs = { createHTML: (html) => html }
  return trustedTypes === undefined ? asItIs : trustedTypes.createPolicy('rendered-by-node', asItIs)
}

/** @param {string} html */
function render(html) {
  const template = document.createElement('template')
  template.innerHTML = policy.createHTML(html)
  showLocalTimes(template.content)
  return template.content
}

/** @param {MessageEvent<unknown>} event */
const said = (event) => String(event.data)

/** Offers to follow the list on this page, if it is one that can be followed. */
export function followLive() {
  /** @type {HTMLElement | null} */
  const panel = document.querySelector('[data-follow]')
  const button = panel?.querySelector('button')
  const status = panel?.querySelector('[role=status]')
  const list = document.querySelector('[data-live-list]')
  if (!panel || !button || !status || !list) return
  new Follow({ panel, button, status, list }).offer()
}

class Follow {
  #panel
  #button
  #status
  #list
  #url
  /** @type {EventSource | undefined} */
  #source
  /** @type {State} */
  #state = 'off'
  /** @type {Link} */
  #link = 'connecting'
  /** @type {Node[]} */
  #waiting = []
  #leftOut = 0
  #arrived = 0
  #failures = 0
  #note = ''
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saying

  /** @param {{ panel: HTMLElement, button: HTMLButtonElement, status: Element, list: Element }} parts */
  constructor({ panel, button, status, list }) {
    this.#panel = panel
    this.#button = button
    this.#status = status
    this.#list = list
    this.#url = new URL(panel.dataset.follow ?? '', location.href)
  }

  offer() {
    this.#panel.hidden = false
    this.#button.addEventListener('click', () => this.#toggle())
    // A page in the browser's memory holds no connection; shown again, it goes on where it was.
    addEventListener('pagehide', () => this.#disconnect())
    addEventListener('pageshow', (event) => {
      if (event.persisted && (this.#state === 'following' || this.#state === 'paused')) this.#connect()
    })
  }

  #toggle() {
    if (this.#state === 'following') {
      this.#state = 'paused'
      this.#arrived = 0
    } else if (this.#state === 'paused') {
      this.#state = 'following'
      this.#resume()
    } else {
      this.#state = 'following'
      this.#connect()
    }
    this.#show()
  }

  #connect() {
    this.#disconnect()
    const source = new EventSource(this.#url)
    this.#source = source
    this.#heard()
    source.addEventListener('open', () => {
      this.#link = 'open'
      this.#failures = 0
      this.#heard()
      this.#show()
    })
    source.addEventListener('error', () => this.#lost(source))
    source.addEventListener('row', (event) => this.#take(event, 1))
    source.addEventListener('gap', (event) => this.#take(event, 0))
    source.addEventListener('at', (event) => this.#heard(event))
    source.addEventListener('beat', () => this.#heard())
    source.addEventListener('state', (event) => {
      this.#note = said(event)
      this.#heard()
      this.#show()
    })
    source.addEventListener('over', (event) => this.#end(said(event)))
  }

  #disconnect() {
    clearTimeout(this.#retry)
    clearTimeout(this.#silence)
    this.#source?.close()
    this.#source = undefined
  }

  /**
   * Notes where to go on, and that somebody is there.
   * @param {MessageEvent<unknown>} [event]
   */
  #heard(event) {
    if (event !== undefined && event.lastEventId !== '')
      this.#url.searchParams.set('cursor', event.lastEventId)
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#connect(), longestSilenceMs)
  }

  /** @param {EventSource} source */
  #lost(source) {
    if (source !== this.#source) return
    this.#link = 'lost'
    this.#show()
    // Browsers try again by themselves, unless they were refused; then it is up to the page.
    if (source.readyState !== EventSource.CLOSED) return
    const wait = retryMs[Math.min(this.#failures, retryMs.length - 1)]
    this.#failures += 1
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  /** @param {string} text */
  #end(text) {
    this.#state = 'over'
    this.#link = 'open'
    this.#note = text
    this.#resume()
    this.#disconnect()
    this.#button.disabled = true
    this.#show()
  }

  /**
   * @param {MessageEvent<unknown>} event
   * @param {number} count
   */
  #take(event, count) {
    this.#heard(event)
    this.#arrived += count
    const row = render(said(event))
    if (this.#state === 'paused') {
      this.#waiting.push(row)
      if (this.#waiting.length > mostRows) {
        this.#waiting.shift()
        this.#leftOut += 1
      }
    } else {
      this.#insert(row)
    }
    this.#saySoon()
  }

  #resume() {
    if (this.#leftOut > 0) this.#insert(reloadRow(`${this.#leftOut} more came meanwhile.`))
    for (const row of this.#waiting) this.#insert(row)
    this.#waiting = []
    this.#leftOut = 0
    this.#arrived = 0
  }

  /** @param {Node} row */
  #insert(row) {
    this.#list.prepend(row)
    if (this.#list.children.length <= mostRows) return
    while (this.#list.children.length >= mostRows) this.#list.lastElementChild?.remove()
    this.#list.append(reloadRow('Older events are not on this page any more.'))
  }

  /** Many rows at once are one announcement. */
  #saySoon() {
    this.#saying ??= setTimeout(() => this.#show(), sayEveryMs)
  }

  #show() {
    clearTimeout(this.#saying)
    this.#saying = undefined
    const { label, text } = this.#words()
    this.#button.textContent = label
    this.#button.setAttribute('aria-pressed', String(this.#state === 'following'))
    this.#panel.dataset.state = this.#link === 'lost' ? 'lost' : this.#state
    if (this.#status.textContent !== text) this.#status.textContent = text
  }

  #words() {
    if (this.#state === 'off') return { label: 'Follow live', text: '' }
    if (this.#state === 'over') return { label: 'Follow live', text: this.#note }
    const label = this.#state === 'paused' ? 'Go on' : 'Pause'
    const doing = this.#state === 'paused' ? 'Paused' : 'Following'
    const words = { connecting: 'Connecting…', open: doing, lost: 'Disconnected, trying again…' }
    const news = this.#arrived === 0 ? '' : `${this.#arrived} new`
    return { label, text: [words[this.#link], news, this.#note].filter((part) => part !== '').join(' · ') }
  }
}

/** @param {string} text */
function reloadRow(text) {
  const row = document.createElement('li')
  const note = document.createElement('p')
  const link = document.createElement('a')
  note.className = 'gap'
  link.href = location.href
  link.textContent = 'Reload the page'
  note.append(`${text} `, link)
  row.append(note)
  return row
}
