import { expect, test } from 'vitest'
import { canonical, decodeForm } from './form.ts'

test.each([
  ['', {}],
  ['amount=5&currency=eur', { amount: '5', currency: 'eur' }],
  ['metadata[order_id]=7&metadata[who]=a%26b', { metadata: { order_id: '7', who: 'a&b' } }],
  ['metadata%5Ba%5D=1', { metadata: { a: '1' } }],
  ['expand[0]=charge&expand[1]=payment_intent', { expand: ['charge', 'payment_intent'] }],
  ['expand[]=charge&expand[]=payment_intent', { expand: ['charge', 'payment_intent'] }],
  ['a[b][c]=1&a[b][d]=2', { a: { b: { c: '1', d: '2' } } }],
  ['metadata=', { metadata: '' }],
])('%s is read', (text, form) => {
  expect(decodeForm(text)).toEqual(form)
})

test.each(['[a]=1', 'a]=1', 'a[b=1', 'a[b]c=1', 'a=1&a[b]=2', 'a[b][c][d][e][f]=1', '=1'])(
  '%s makes no sense',
  (text) => {
    expect(() => decodeForm(text)).toThrow(/Invalid parameter name/)
  },
)

test('too many parameters are not read', () => {
  const text = Array.from({ length: 501 }, (_, n) => `p${n}=1`).join('&')
  expect(() => decodeForm(text)).toThrow(/more than 500/)
})

test('names can not reach what all objects have in common', () => {
  const form = decodeForm('__proto__[polluted]=yes&constructor[prototype][polluted]=yes')
  expect(Object.keys(form).toSorted()).toEqual(['__proto__', 'constructor'])
  expect('polluted' in {}).toBe(false)
})

test('the order of parameters makes no difference to what is asked, that of a list does', () => {
  const of = (text: string) => canonical(decodeForm(text))
  expect(of('a=1&b[c]=2&b[d]=3')).toBe(of('b[d]=3&b[c]=2&a=1'))
  expect(of('a[]=1&a[]=2')).not.toBe(of('a[]=2&a[]=1'))
  expect(of('a=1')).not.toBe(of('a=2'))
})
