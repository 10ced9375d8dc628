import { eventView } from './event-view.ts'
import { shows } from './all-window.ts'
import { listItem } from './follow-view.ts'
import type { Message, Step } from './follower.ts'
import { html, type Html } from './html.ts'
import { allPlace, href, streamPlace, type Place } from './places.ts'
import { stateOf } from './stream-state.ts'
import { plural } from './text.ts'
import type { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** Rows in one step. */
const stepLength = 50
/** Who is further behind than this is told what was left out: nobody could have read it. */
export const mostBehind = 1000

const over = (text: string): Step => ({ messages: [{ event: 'over', data: text }], more: false })
const row = (view: Html, id: number): Message => ({ event: 'row', data: listItem(view).text, id })

/** The rows of a stream from revision `from` on, whenever there are some. */
export function streamFeed(node: WebNode, viewer: Viewer, stream: string, from: number): () => Step {
  let next = from
  let said: string | undefined
  const say = (text: string): Message[] => {
    if (said === text) return []
    said = text
    return [{ event: 'state', data: text }]
  }
  return () => {
    if (!viewer.mayRead(stream)) return over('You may not read this stream any more.')
    const state = stateOf(node, stream)
    if (state.kind === 'tombstoned') return over('The stream was deleted for good.')
    if (state.kind === 'soft-deleted') return { messages: say('The stream was deleted.'), more: false }
    if (state.kind === 'missing') return { messages: [], more: false }
    const messages: Message[] = said === undefined ? [] : say('')
    const behind = state.last + 1 - next
    if (behind > mostBehind) {
      const skipped = behind - stepLength
      messages.push(gap(skipped, streamPlace(stream, { from: next, direction: 'forwards' }), next + skipped))
      next += skipped
    }
    const page = node.streams.forward(stream, next, stepLength)
    for (const record of page.kind === 'events' ? page.records : []) {
      next = record.revision + 1
      messages.push(row(eventView(node, viewer, record, { among: 'stream' }), next))
    }
    const more = page.kind === 'events' && page.next !== undefined
    // Where the stream's metadata hides all that was to come, the next event to come is the next to see.
    next = Math.max(next, page.kind === 'events' ? (page.next ?? state.last + 1) : next)
    return { messages, more }
  }
}

/** The rows of the log after the event at a position. */
export function allFeed(
  node: WebNode,
  viewer: Viewer,
  after: number,
  system: 'hide' | undefined,
): () => Step {
  let cursor = endOf(node, after)
  return () => {
    if (!viewer.mayRead('$all')) return over('You may not read $all any more.')
    const messages: Message[] = []
    let page = node.all.forward(cursor, stepLength)
    const resumeAt = page.length === stepLength ? whereToResume(node, cursor) : undefined
    if (resumeAt !== undefined) {
      const missed = allPlace({ from: page[0]?.position, direction: 'forwards', system })
      messages.push(gap(undefined, missed, undefined))
      page = node.all.forward(resumeAt, stepLength)
    }
    for (const record of page) {
      cursor = record.next
      if (!shows(record, system)) continue
      messages.push(row(eventView(node, viewer, record, { among: 'all' }), record.position))
    }
    const last = page.at(-1)
    // Nor need what isn't shown be looked at again by who comes back.
    if (last !== undefined) messages.push({ event: 'at', data: '', id: last.position })
    return { messages, more: last !== undefined }
  }
}

function endOf({ all }: WebNode, position: number): number {
  const [record] = all.forward(position, 1)
  return record?.position === position ? record.next : position
}

/** Position of the first of the newest events, if there are far more than these after the cursor. */
function whereToResume({ all, log }: WebNode, cursor: number): number | undefined {
  const newest = all.backward(log.visibleEnd, mostBehind)
  const oldest = newest.at(-1)
  if (newest.length < mostBehind || oldest === undefined || oldest.position <= cursor) return undefined
  return newest[stepLength - 1]?.position
}

function gap(count: number | undefined, missed: Place, id: number | undefined): Message {
  const what = count === undefined ? 'More events than can be shown' : plural(count, 'event')
  const view = html`<p class="gap">${what} came meanwhile. <a href="${href(missed)}">Read them</a></p>`
  const message = { event: 'gap', data: listItem(view).text } as const
  return id === undefined ? message : { ...message, id }
}
