import streams from '@eventstore/db-client/generated/streams_pb.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { encodeRecorded, tombstoneRevision, type RecordedFields } from './recorded-event.ts'
import { bodyOf, idOf, viewRecorded } from './recorded-event-view.ts'

/** Lengths on both sides of where a varint grows. */
const bytes = fc.uint8Array({ maxLength: 300 })
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 })

const fields: fc.Arbitrary<RecordedFields> = fc.record({
  stream: text,
  revision: fc.maxSafeNat().map((n) => n % (tombstoneRevision - 1)),
  position: fc.maxSafeNat(),
  createdMs: fc.integer({ min: 1, max: 4e12 }),
  event: fc.record({ id: fc.uuid(), type: text, json: fc.boolean(), data: bytes, metadata: bytes }),
})

const decodeAsClient = (encoded: Buffer): InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent> =>
  streams.ReadResp.ReadEvent.RecordedEvent.deserializeBinary(encoded)

describe('a recorded event', () => {
  it('is read by clients as it was written', () => {
    fc.assert(
      fc.property(fields, ({ event, ...rest }) => {
        const decoded = decodeAsClient(encodeRecorded({ event, ...rest }))
        expect(decoded.getId()?.getString()).toBe(event.id)
        expect(Buffer.from(decoded.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(
          rest.stream,
        )
        expect(decoded.getStreamRevision()).toBe(String(rest.revision))
        expect(decoded.getPreparePosition()).toBe(String(rest.position))
        expect(decoded.getCommitPosition()).toBe(String(rest.position))
        expect(Buffer.from(decoded.getData_asU8())).toEqual(Buffer.from(event.data))
        expect(Buffer.from(decoded.getCustomMetadata_asU8())).toEqual(Buffer.from(event.metadata))
        const metadata = decoded.getMetadataMap()
        expect(metadata.get('type')).toBe(event.type)
        expect(metadata.get('created')).toBe(`${rest.createdMs}0000`)
        expect(metadata.get('content-type')).toBe(
          event.json ? 'application/json' : 'application/octet-stream',
        )
      }),
    )
  })

  it('is read by the node as it was written', () => {
    fc.assert(
      fc.property(fields, ({ event, ...rest }) => {
        const encoded = encodeRecorded({ event, ...rest })
        const { rest: bodyStart, ...view } = viewRecorded(encoded)
        const { stream, revision, position } = rest
        expect(view).toEqual({ stream, revision, position, type: event.type })
        expect(idOf(encoded)).toBe(event.id)
        expect(bodyOf(encoded, bodyStart)).toEqual({
          createdMs: rest.createdMs,
          json: event.json,
          data: Buffer.from(event.data),
          metadata: Buffer.from(event.metadata),
        })
      }),
    )
  })

  it('has the largest revision there is when it is a tombstone', () => {
    const event = {
      id: '0'.repeat(36),
      type: '$streamDeleted',
      json: false,
      data: Buffer.alloc(0),
      metadata: Buffer.alloc(0),
    }
    const encoded = encodeRecorded({
      stream: 's',
      revision: tombstoneRevision,
      position: 1,
      createdMs: 1,
      event,
    })
    expect(decodeAsClient(encoded).getStreamRevision()).toBe('9223372036854775807')
    expect(viewRecorded(encoded).revision).toBe(tombstoneRevision)
  })
})
