import type { ReadRequest } from '../codec/read-request.ts'
import { firstStreamPositionFrame, lastStreamPositionFrame } from '../codec/read-response.ts'
import { firstVisible } from '../log/stream-metadata.ts'
import type { StreamPage } from '../log/stream-reader.ts'
import type { NodeContext } from './context.ts'

/** A real node reads so many revisions in one page. */
const revisionsAtOnce = 32

type Found = Extract<StreamPage, { kind: 'events' }>

/** For newer clients: where a stream begins, if that is not where it was looked for, and where it ends. */
export class StreamBounds {
  readonly #log: NodeContext['log']
  readonly #stream: string
  /** Where the first page begins; undefined once that has been looked at. */
  #from: number | undefined

  constructor({ log }: NodeContext, { from, backwards }: ReadRequest, stream: string) {
    this.#log = log
    this.#stream = stream
    this.#from = backwards || from === 'end' ? undefined : from === 'start' ? 0 : from
  }

  /** To be sent before the first events that were found, if the page in which they were looked for has none. */
  first({ records: [found], next }: Found): Buffer | undefined {
    const from = this.#from
    if (from === undefined || (found === undefined && next !== undefined)) return undefined
    this.#from = undefined
    if (found !== undefined && found.revision < from + revisionsAtOnce) return undefined
    const { visibleMetadata, committed } = this.#log.heads.get(this.#stream)
    const first = found?.revision ?? firstVisible(visibleMetadata, committed)
    return first === from ? undefined : firstStreamPositionFrame(first)
  }

  /** To be sent after the events. */
  last(): Buffer {
    return lastStreamPositionFrame(this.#log.heads.get(this.#stream).committed)
  }
}
