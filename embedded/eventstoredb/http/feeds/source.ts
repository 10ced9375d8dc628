import type { EventRecord } from '../../log/event-record.ts'
import type { Principal } from '../../security/access.ts'
import { Problem } from '../problem.ts'
import type { Neighbours } from './feed.ts'
import type { Page, PageRequest, PageResult } from './page.ts'

/** What a feed is made of: a stream, or the whole log. */
export interface FeedSource {
  readonly title: string
  readonly stream: string
  /** Of its first page, and the start of that of all others. */
  readonly path: string
  /** Throws if it isn't for this reader. */
  readonly demand: (principal: Principal) => void
  /** The stream whose events are waited for, undefined for those of all. */
  readonly awaited: string | undefined
  /** Where it ends now; the same number as long as nothing is added. */
  readonly last: () => number
  /** Where a record is, as its readers count. */
  readonly placeOf: (record: EventRecord) => number
  read(request: PageRequest): Promise<PageResult>
  /** `last` is where it ended when the page was read. */
  neighbours(request: PageRequest, page: Page, last: number): Neighbours
}

export const noStream = (stream: string): Problem => new Problem(404, `There is no stream ${stream}.`)

export const streamGone = (stream: string): Problem =>
  new Problem(410, `The stream ${stream} is deleted for good.`, { title: 'Stream deleted' })
