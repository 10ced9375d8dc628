import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import { describe, expect, it } from 'vitest'

import { decodeConsumerMessage } from './persistent-read.ts'

const ids = ['a27e2f5a-5f2c-4a4e-9a55-0f6b9d1f4a01', 'b27e2f5a-5f2c-4a4e-9a55-0f6b9d1f4a02']
const text = (id: string) => new shared.UUID().setString(id)

const ackOf = (...uuids: InstanceType<typeof shared.UUID>[]): Buffer =>
  Buffer.from(
    new persistent.ReadReq().setAck(new persistent.ReadReq.Ack().setIdsList(uuids)).serializeBinary(),
  )

describe('an ack', () => {
  it('names all its events', () => {
    expect(decodeConsumerMessage(ackOf(...ids.map(text)))).toEqual({ kind: 'ack', ids })
  })

  it('may write ids in capitals, or as two numbers', () => {
    const [id = ''] = ids
    const bytes = Buffer.from(id.replaceAll('-', ''), 'hex')
    const structured = new shared.UUID.Structured()
    structured.setMostSignificantBits(bytes.readBigInt64BE(0).toString())
    structured.setLeastSignificantBits(bytes.readBigInt64BE(8).toString())
    const message = ackOf(text(id.toUpperCase()), new shared.UUID().setStructured(structured))
    expect(decodeConsumerMessage(message)).toEqual({ kind: 'ack', ids: [id, id] })
  })

  it('that is cut off is refused, wherever it is cut', () => {
    const whole = ackOf(...ids.map(text))
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => decodeConsumerMessage(whole.subarray(0, length))).toThrow()
    }
  })
})
