import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cup, north, teapot } from '../domain/controls.ts'
import { Sku } from '../domain/product.ts'
import { scenario } from '../eventstore/scenario.ts'
import { cancelled, failed, keeping, line, paid, placed, placedLines, reserved, settled } from './controls.ts'
import type { OrderEvent } from './events.ts'
import { order } from './order.ts'
import { nextSteps } from './process.ts'
import type { Step } from './process.ts'
import type { Reservation } from './stock/stock.ts'

const { fold } = scenario(order)
const fresh = placedLines([line(teapot, 2), line(cup, 1), line(cup, 5, false)])
const parts = [{ warehouse: north, quantity: 1 }]
const held: Reservation = { status: 'RESERVED', parts }
const back: Reservation = { status: 'RELEASED', parts }
const gone: Reservation = { status: 'WRITTEN_OFF', parts }
const none: Reservation = { status: 'REFUSED', available: 1 }
const standings = (teapots?: Reservation, cups?: Reservation) =>
  new Map<Sku, Reservation>([
    ...(teapots ? [[teapot, teapots] as const] : []),
    ...(cups ? [[cup, cups] as const] : []),
  ])
const both = (what: 'RELEASE' | 'WRITE_OFF'): Step[] => [
  { do: what, sku: teapot },
  { do: what, sku: cup },
]

describe('a new order', () => {
  const steps = (...known: Parameters<typeof standings>) => nextSteps(fold([fresh]), standings(...known))
  it('has all its lines reserved that stock limits', () =>
    expect(steps()).toEqual([
      { do: 'RESERVE', sku: teapot, quantity: 2 },
      { do: 'RESERVE', sku: cup, quantity: 1 },
    ]))
  it('has each of them reserved before anything else', () =>
    expect(steps(none)).toEqual([{ do: 'RESERVE', sku: cup, quantity: 1 }]))
  it('is confirmed when all are', () => expect(steps(held, held)).toEqual([{ do: 'CONFIRM' }]))
  it('fails when one is not, and says which', () =>
    expect(steps(none, held)).toEqual([{ do: 'FAIL', missing: [{ sku: teapot, wanted: 2, available: 1 }] }]))
})

describe('an order whose payment is under way', () => {
  it('is left alone', () => expect(nextSteps(fold([fresh, reserved()]), standings())).toEqual([]))
})

describe('a paid order', () => {
  const steps = (...known: Parameters<typeof standings>) =>
    nextSteps(fold([fresh, reserved(), keeping(paid())]), standings(...known))
  it('has what was reserved written off', () => expect(steps()).toEqual(both('WRITE_OFF')))
  it('is settled when all has left', () => expect(steps(gone, gone)).toEqual([{ do: 'SETTLE' }]))
  it('is settled once', () =>
    expect(nextSteps(fold([fresh, reserved(), keeping(paid()), settled()]), standings())).toEqual([]))
  it('never had less than it needs', () => expect(() => steps(none, held)).toThrow(/impossible/))
})

describe.each([
  ['failed', keeping(failed({ reason: 'NO_WALLET' }))],
  ['was cancelled', keeping(cancelled('CUSTOMER', 'NEW'))],
])('an order that %s', (_, end) => {
  const steps = (...known: Parameters<typeof standings>) => nextSteps(fold([fresh, end]), standings(...known))
  it('has everything released, also what may be reserved yet', () => expect(steps()).toEqual(both('RELEASE')))
  it('keeps no part of it', () => expect(steps(none, held)).toEqual([{ do: 'RELEASE', sku: cup }]))
  it('is settled when nothing is kept', () => expect(steps(none, back)).toEqual([{ do: 'SETTLE' }]))
})

it('an order without lines that stock limits needs nothing', () => {
  expect(nextSteps(fold([placed(), paid()]), standings())).toEqual([])
  expect(nextSteps(fold([placedLines([line(cup, 1, false)])]), standings())).toEqual([])
  expect(nextSteps(fold([]), standings())).toEqual([])
})

it('whatever each line’s stock says, no order takes more than four rounds, and none keeps part of a reservation', () =>
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), fc.boolean(), (there, pays) => {
      const skus = there.map((_, n) => Sku.parse(`sku-${n}`))
      const events: OrderEvent[] = [placedLines(skus.map((sku) => line(sku)))]
      const known = new Map<Sku, Reservation>()
      for (let round = 0; round < 4; round++)
        for (const step of nextSteps(fold(events), known)) {
          if (step.do === 'RESERVE') known.set(step.sku, there[skus.indexOf(step.sku)] ? held : none)
          else if (step.do === 'RELEASE') known.set(step.sku, back)
          else if (step.do === 'WRITE_OFF') known.set(step.sku, gone)
          else if (step.do === 'CONFIRM') events.push(reserved(), keeping(pays ? paid() : cancelled('ADMIN')))
          else if (step.do === 'FAIL')
            events.push(keeping(failed({ reason: 'OUT_OF_STOCK', missing: [...step.missing] })))
          else events.push(settled())
        }
      const end = fold(events)
      const all = there.every(Boolean)
      expect(end).toMatchObject({
        status: all ? (pays ? 'PAID' : 'CANCELLED') : 'FAILED',
        stock: { isSettled: true },
      })
      for (const { status } of known.values())
        expect(status).toBe(all && pays ? 'WRITTEN_OFF' : status === 'REFUSED' ? 'REFUSED' : 'RELEASED')
    }),
  ))
