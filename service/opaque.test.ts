import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Sku } from '../domain/product.ts'
import { cursorOf, keyOf, positionOf, productCursorOf, skuOf, tokenOf } from './opaque.ts'

describe('a consistency token', () => {
  it('gives back the position that it was made of', () =>
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (position) => {
        expect(positionOf(tokenOf(position))).toBe(position)
      }),
    ))

  it('is refused if it is not one that we gave out', () =>
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.constant(cursorOf('order', 1))), (text) => {
        let position: bigint
        try {
          position = positionOf(text)
        } catch (fault) {
          expect(fault).toMatchObject({ code: 'BAD_INPUT' })
          return
        }
        expect(tokenOf(position)).toBe(text)
      }),
    ))
})

describe('a cursor', () => {
  it('gives back its key', () =>
    fc.assert(
      fc.property(fc.maxSafeNat(), (key) => {
        expect(keyOf('order', cursorOf('order', key), 'after')).toBe(key)
      }),
    ))

  it.each([cursorOf('entry', 5), tokenOf(5n), '', 'x', '=', cursorOf('order', 5).repeat(9), 'b3JkZXI6LTE'])(
    'of anything but its own list is refused: %j',
    (cursor) =>
      expect(() => keyOf('order', cursor, 'after')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' })),
  )
})

describe('a cursor among products', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,64}$/)
  it('gives back its sku', () =>
    fc.assert(
      fc.property(word, (text) => {
        const sku = Sku.parse(text)
        expect(skuOf(productCursorOf(sku), 'after')).toBe(sku)
      }),
    ))

  it.each([cursorOf('order', 5), tokenOf(5n), '', 'compass', 'cHJvZHVjdDo', 'cHJvZHVjdDpOTyBTS1U'])(
    'of anything but products is refused: %j',
    (cursor) => expect(() => skuOf(cursor, 'after')).toThrow(expect.objectContaining({ code: 'BAD_INPUT' })),
  )
})
