import { Expected } from '../log/commit-check.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import { appendDurably } from './appending.ts'
import { readTag, tagFields } from './position-tag.ts'
import type { Readers } from './readers.ts'
import { sameEpoch, type ProjectionVersion } from './version.ts'

const checkpointType = '$ProjectionCheckpoint'
const checkpointMetadata = '{"$maxCount":2}'

/** Up to where a projection has come. Nothing depends on it but how much is read again at a start. */
export class Checkpoints {
  readonly #readers: Readers
  readonly #stream: string

  constructor(readers: Readers, projection: string) {
    this.#readers = readers
    this.#stream = `$projections-${projection}-checkpoint`
  }

  /** Position of the last event that was seen to; undefined if there is no checkpoint of this epoch. */
  read(version: ProjectionVersion): number | undefined {
    const last = this.#readers.streams.last(this.#stream)
    const tag = last?.type === checkpointType ? readTag(last) : undefined
    return tag !== undefined && sameEpoch(tag.version, version) ? tag.position : undefined
  }

  async write(version: ProjectionVersion, position: number): Promise<void> {
    const { log } = this.#readers
    const writes: Promise<unknown>[] = []
    if (!log.heads.get(this.#stream).hasMetadata) {
      const stream = metadataStream(this.#stream)
      const events = [proposeMetadata(checkpointMetadata)]
      writes.push(appendDurably(log, { stream, expected: Expected.any, events }))
    }
    const metadata = Buffer.from(JSON.stringify(tagFields({ version, position })))
    const events = [{ ...ownEvent(checkpointType, '{}'), metadata }]
    // Someone may have hard-deleted the stream: then there are no checkpoints, and a start reads all again.
    writes.push(appendDurably(log, { stream: this.#stream, expected: Expected.any, events }))
    await Promise.all(writes)
  }
}
