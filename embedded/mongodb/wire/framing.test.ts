import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Framing, largestMessage, OversizedMessage } from './framing.ts'

function message(size: number, fill: number): Buffer {
  const out = Buffer.alloc(size, fill)
  out.writeInt32LE(size, 0)
  return out
}

test('messages come out whole, however the stream is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 16, max: 60 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 50 }),
      (sizes, cuts) => {
        const messages = sizes.map(message)
        const stream = Buffer.concat(messages)
        const framing = new Framing()
        const out: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const cut = cuts[i % cuts.length] ?? 1
          out.push(...framing.push(stream.subarray(at, at + cut)))
          at += cut
        }
        expect(out).toEqual(messages)
      },
    ),
  )
})

test.each([largestMessage + 1, 15, -1])('a message of %d bytes is refused before it is read', (size) => {
  const head = Buffer.alloc(16)
  head.writeInt32LE(size, 0)
  expect(() => new Framing().push(head)).toThrow(OversizedMessage)
})
