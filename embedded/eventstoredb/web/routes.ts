import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Handler, HTTPVersion } from 'find-my-way'

import { principalOf } from '../http/guard.ts'
import type { Router, Routes } from '../http/site.ts'
import { allPage } from './all-page.ts'
import { redirect, send, type Answer } from './answer.ts'
import { readAssets, sendAsset } from './assets.ts'
import { causePage, eventPage, rawPart } from './event-page.ts'
import { Forms } from './forms.ts'
import type { GroupAddress } from './consumer-groups.ts'
import { groupPage } from './group-page.ts'
import { groupsPage } from './groups-page.ts'
import { required } from './input.ts'
import { Live, type LiveRequest } from './live.ts'
import { metadataPage } from './metadata-page.ts'
import { overviewPage } from './overview.ts'
import { allPlace, overview, projectionsPlace, replayPlace, root } from './places.ts'
import { isUnexpected } from '../http/problem.ts'
import { noSuchPage, problemPage } from './problem.ts'
import { changeProjection, projectionsPage } from './projections-page.ts'
import { replay, replayPage } from './replay-page.ts'
import { searched } from './search.ts'
import { streamPage } from './stream-page.ts'
import { Viewer } from './viewer.ts'
import type { WebNode } from './web-node.ts'

/** Pages for people, under `/web`. */
export interface StreamBrowser {
  readonly routes: Routes
  /** Lets go of the pages that follow live. */
  stop(): void
}

interface Visit {
  readonly viewer: Viewer
  readonly query: URLSearchParams
  readonly request: IncomingMessage
  /** A name from the path, or from the query where browsers would not leave it in the path. */
  readonly name: (of: string) => string
}

type Visited = (visit: Visit) => Answer | Promise<Answer>

export function streamBrowser(node: WebNode): StreamBrowser {
  const live = new Live(node)
  const forms = new Forms()
  const assets = readAssets()
  const routes = (router: Router): void => {
    const on = (method: 'GET' | 'POST', page: string, names: readonly string[], visited: Visited): void => {
      const handler: Handler<HTTPVersion.V1> = (request, response, params) =>
        answer(node, { request, response, params }, visited)
      const path = `${root}/${page}`
      router.on(method, path, handler)
      if (names.length > 0) router.on(method, [path, ...names.map((name) => `:${name}`)].join('/'), handler)
    }
    const get = (page: string, names: readonly string[], visited: Visited): void =>
      on('GET', page, names, visited)

    for (const path of ['/', `${root}/index.html`]) {
      router.on('GET', path, (_, response) => send(response, redirect(overview), unframed))
    }
    get('', [], ({ viewer, query }) => overviewPage(node, viewer, query))
    get('go', [], ({ query }) => redirect(searched(node, query)))
    get('all', [], ({ viewer, query }) => allPage(node, viewer, query))
    get('streams', ['stream'], ({ viewer, query, name }) => {
      const stream = name('stream')
      return stream === '$all' ? redirect(allPlace()) : streamPage(node, viewer, stream, query)
    })
    get('metadata', ['stream'], ({ viewer, name }) => metadataPage(node, viewer, name('stream')))
    get('event', ['stream', 'revision'], ({ viewer, name }) =>
      eventPage(node, viewer, name('stream'), name('revision')),
    )
    get('raw', ['stream', 'revision', 'part'], ({ viewer, name }) =>
      rawPart(node, viewer, { stream: name('stream'), number: name('revision'), part: name('part') }),
    )
    get('cause', ['id'], ({ viewer, query, name }) => causePage(node, viewer, name('id'), query))
    get('live/stream', ['stream'], (visit) => live.stream(visit.name('stream'), liveRequest(visit)))
    get('live/all', [], (visit) => live.all(liveRequest(visit)))
    get('subscriptions', [], ({ viewer }) => groupsPage(node, viewer))
    get('subscription', ['stream', 'group'], (visit) =>
      groupPage(node, visit.viewer, groupIn(visit), visit.query),
    )
    get('replay', ['stream', 'group'], (visit) => replayPage(node, visit.viewer, forms, groupIn(visit)))
    on('POST', 'replay', ['stream', 'group'], async (visit) => {
      const address = groupIn(visit)
      await forms.receive(visit.request, visit.viewer, replayPlace(address.stream, address.group))
      return replay(node, visit.viewer, address)
    })
    get('projections', [], ({ viewer, query }) => projectionsPage(node, viewer, forms, query))
    on('POST', 'projections', [], async ({ viewer, request }) => {
      viewer.mustOperate()
      return changeProjection(node, await forms.receive(request, viewer, projectionsPlace))
    })
    router.on('GET', `${root}/assets/:name`, (request, response, { name }) => {
      const asset = assets.get(name ?? '')
      if (asset !== undefined) sendAsset(request, response, asset)
      else send(response, problemPage(noSuchPage('There is no such file.')), unframed)
    })
    get('*', [], () => {
      throw noSuchPage('There is no page at this address.')
    })
  }
  const unframed = { version: node.version, who: undefined }
  return { routes, stop: () => live.stop() }
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly params: Readonly<Record<string, string | undefined>>
}

/** Whatever is thrown on the way becomes a page too. */
async function answer(
  node: WebNode,
  { request, response, params }: Exchange,
  visited: Visited,
): Promise<void> {
  let who: string | undefined
  let result: Answer
  try {
    const viewer = new Viewer(await principalOf(node.access, request), node.access)
    who = viewer.name
    const query = queryOf(request)
    const name = (of: string): string => required(params[of] ?? query.get(of), of)
    result = await visited({ viewer, query, request, name })
  } catch (error) {
    if (isUnexpected(error)) node.report(`${request.url} has failed: ${String(error)}`)
    result = problemPage(error)
  }
  send(response, result, { version: node.version, who })
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}

const groupIn = ({ name }: Visit): GroupAddress => ({ stream: name('stream'), group: name('group') })

function liveRequest({ viewer, query, request }: Visit): LiveRequest {
  const header = request.headers['last-event-id']
  return { viewer, query, lastEventId: typeof header === 'string' ? header : undefined }
}
