import { describe, expect, it } from 'vitest'
import { toPay } from './controls.ts'
import { decidedOn, nothingDecided, record, REMEMBERED_ORDERS } from './decidedOrders.ts'

const afterOrders = (count: number) => {
  let orders = nothingDecided
  for (let n = 1; n <= count; n++) orders = record(orders, toPay(n), undefined)
  return orders
}

describe("a wallet's memory of the orders it decided", () => {
  it('knows the verdict', () => {
    const refused = record(nothingDecided, toPay(1), { reason: 'NO_WALLET' })
    expect(decidedOn(refused, toPay(1))).toEqual({ known: 'YES', failure: { reason: 'NO_WALLET' } })
  })

  it('knows that an order is new', () =>
    expect(decidedOn(afterOrders(10), toPay(11))).toEqual({ known: 'NO' }))

  it('remembers at least as many orders as it promises', () => {
    const orders = afterOrders(3 * REMEMBERED_ORDERS)
    for (let n = 2 * REMEMBERED_ORDERS + 1; n <= 3 * REMEMBERED_ORDERS; n++)
      expect(decidedOn(orders, toPay(n)).known).toBe('YES')
  })

  it('says so when it may have forgotten, instead of taking the order for new', () => {
    const orders = afterOrders(3 * REMEMBERED_ORDERS)
    for (let n = 1; n <= 3 * REMEMBERED_ORDERS; n++) expect(decidedOn(orders, toPay(n)).known).not.toBe('NO')
  })

  it('takes a search in the stream for knowledge, until it forgets again', () => {
    const forgetful = afterOrders(3 * REMEMBERED_ORDERS)
    const searched = { ...toPay(0), searchedUpTo: forgetful.forgottenUpTo }
    expect(decidedOn(forgetful, searched)).toEqual({ known: 'NO' })
    expect(decidedOn(afterOrders(5 * REMEMBERED_ORDERS), searched).known).toBe('FORGOTTEN')
  })
})
