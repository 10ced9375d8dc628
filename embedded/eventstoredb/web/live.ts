import type { ServerResponse } from 'node:http'

import { Problem } from '../http/problem.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import type { Answer } from './answer.ts'
import { allFeed, streamFeed } from './feeds.ts'
import { defaultPace, feedHeaders, Follower, type Pace, type Step } from './follower.ts'
import { required, systemOf, wholeNumber } from './input.ts'
import { badRequest } from './problem.ts'
import { nextRevisionOf } from './stream-state.ts'
import type { Viewer } from './viewer.ts'
import { logIdOf, type WebNode } from './web-node.ts'

/** Pages that may follow at a time, all together. */
const mostFollowers = 256

export interface LiveRequest {
  readonly viewer: Viewer
  readonly query: URLSearchParams
  /** What a browser says that comes back by itself. */
  readonly lastEventId: string | undefined
}

/** The pages that follow live. A feed is a cursor in the log, and a commit wakes it. */
export class Live {
  readonly #node: WebNode
  readonly #pace: Pace
  readonly #followers = new Set<Follower>()

  constructor(node: WebNode, pace: Pace = defaultPace) {
    this.#node = node
    this.#pace = pace
  }

  stream(stream: string, request: LiveRequest): Answer {
    request.viewer.mustRead(stream)
    const next = cursorOf(request, 'revision')
    const known = this.#isOurs(request) && next <= nextRevisionOf(this.#node, stream)
    const feed = known ? streamFeed(this.#node, request.viewer, stream, next) : elsewhere
    const metadata = metadataStream(stream)
    return this.#follow(feed, (name) => name === stream || name === metadata)
  }

  all(request: LiveRequest): Answer {
    request.viewer.mustRead('$all')
    const after = cursorOf(request, 'position')
    const { log, all } = this.#node
    const known = this.#isOurs(request) && after <= log.lastPosition && all.isBoundary(after)
    const feed = known ? allFeed(this.#node, request.viewer, after, systemOf(request.query)) : elsewhere
    return this.#follow(feed, () => true)
  }

  /** Lets all pages go; they come back when there is a node again. */
  stop(): void {
    for (const follower of this.#followers) follower.end()
  }

  #follow(feed: () => Step, concerns: (stream: string) => boolean): Answer {
    if (this.#followers.size >= mostFollowers) {
      throw new Problem(503, `${mostFollowers} pages follow live already.`)
    }
    return {
      kind: 'follow',
      follow: (response: ServerResponse) => {
        if (response.destroyed) return
        // Who asks what a feed is like doesn't want to follow it.
        if (response.req.method === 'HEAD') {
          response.writeHead(200, feedHeaders).end()
          return
        }
        const follower = new Follower(response, feed, this.#node.report, this.#pace)
        const unsubscribe = this.#node.log.onCommit((records) => {
          if (records.some(({ stream }) => concerns(stream))) follower.wake()
        })
        this.#followers.add(follower)
        response.on('close', () => {
          unsubscribe()
          this.#followers.delete(follower)
        })
      },
    }
  }

  #isOurs({ query }: LiveRequest): boolean {
    return required(query.get('log'), 'log') === logIdOf(this.#node)
  }
}

function cursorOf({ query, lastEventId }: LiveRequest, what: string): number {
  const cursor = wholeNumber(lastEventId ?? query.get('cursor'), what)
  if (cursor === undefined) throw badRequest(`The ${what} to go on from is missing.`)
  return cursor
}

/** The page was made from another log: its numbers mean nothing here. */
const elsewhere = (): Step => ({
  messages: [{ event: 'over', data: 'The node has another database now: reload the page.' }],
  more: false,
})
