import { describe, expect, it } from 'vitest'
import { eur, noon, orderId, teapot } from '../../domain/controls.ts'
import type { Money } from '../../domain/money.ts'
import { Sku } from '../../domain/product.ts'
import type { Notice } from '../notice.ts'
import { moneyIn } from './format.ts'
import { Language, languageOf } from './language.ts'
import { tell } from './tell.ts'
import { words } from './table.ts'

const told = (notice: Notice, language: Language = 'EN', audience: 'CUSTOMER' | 'SHOP' = 'CUSTOMER') =>
  tell(language, { audience, notice, orderId: orderId(1), price: eur(1_999), at: noon.toISOString() })

const half: Notice = { kind: 'REFUNDED', amount: eur(500), refunded: eur(700), isFull: false }
const whole: Notice = { kind: 'REFUNDED', amount: eur(1_999), refunded: eur(1_999), isFull: true }
const short: Notice = { kind: 'FAILED', failure: { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(99) } }
const missing: Notice = {
  kind: 'FAILED',
  failure: { reason: 'OUT_OF_STOCK', missing: [{ sku: teapot, wanted: 3, available: 1 }] },
}

describe('what is told', () => {
  it.each<[Notice, string]>([
    [{ kind: 'PAID' }, 'Your order for €19.99 is paid. Thank you!'],
    [short, 'Your order for €19.99 could not be completed. The wallet was short by €0.99.'],
    [
      missing,
      'Your order for €19.99 could not be completed. Not enough was in stock: teapot-blue-1l (1 of 3).',
    ],
    [{ kind: 'CANCELLED', by: 'DEADLINE' }, 'Your order for €19.99 was cancelled. It was not paid in time.'],
    [half, '€5.00 of your order for €19.99 was given back to you: €7.00 so far.'],
    [whole, '€19.99 was given back to you; your order is refunded in full.'],
  ])('to a customer of %j', (notice, headline) => {
    expect(told(notice)).toBe(
      `${headline}\nOrder c0000000-0000-4000-8000-000000000001, 2 Jan 2026, 12:00 UTC`,
    )
  })

  it('is in the person’s language', () => {
    expect(told(short, 'RU')).toBe(
      'Ваш заказ на 19,99\u00a0€ не удалось выполнить. В кошельке не хватило 0,99\u00a0€.\n' +
        'Заказ c0000000-0000-4000-8000-000000000001, 2 янв. 2026 г., 12:00 UTC',
    )
  })

  it('tells the shop of new orders, too', () => {
    expect(told({ kind: 'PLACED' }, 'EN', 'SHOP')).toMatch(/^New order for €19\.99\.\n/)
    expect(told({ kind: 'PLACED' }, 'RU', 'SHOP')).toMatch(/^Новый заказ на 19,99\u00a0€\.\n/)
  })

  it.each(Language.options)('fits into a message whatever happens, in %s', (language) => {
    const most = Array.from({ length: 50 }, () => ({
      sku: Sku.parse('x'.repeat(64)),
      wanted: 1_000,
      available: 999,
    }))
    const notice: Notice = { kind: 'FAILED', failure: { reason: 'OUT_OF_STOCK', missing: most } }
    expect(told(notice, language).length).toBeLessThan(4_096)
  })

  it('has a language of its own for everything', () => {
    const { EN, RU } = words
    for (const kind of ['PAID', 'FAILED', 'CANCELLED', 'REFUNDED', 'PARTLY_REFUNDED'] as const) {
      const values = { price: '1', amount: '2', refunded: '3' }
      expect(RU.toCustomer[kind](values)).toMatch(/[а-я]/)
      expect(EN.toCustomer[kind](values)).not.toMatch(/[а-я]/)
    }
  })
})

it('money is exact, and has the places of its currency', () => {
  const euros: Money = eur(Number.MAX_SAFE_INTEGER)
  expect(moneyIn('EN', euros)).toBe('€90,071,992,547,409.91')
  expect(moneyIn('EN', { amount: 5, currency: 'EUR' })).toBe('€0.05')
  expect(moneyIn('EN', { amount: 1_999, currency: 'JPY' })).toMatch(/1,999$/)
})

it.each([
  ['ru', 'RU'],
  ['ru-RU', 'RU'],
  ['de', 'EN'],
  ['rue', 'EN'],
  [undefined, 'EN'],
])('whoever reads %s is told in %s', (tag, language) => {
  expect(languageOf(tag)).toBe(language)
})
