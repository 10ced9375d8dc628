import { expect, it } from 'vitest'

import { negotiate } from './accept.ts'

const offers = ['application/vnd.eventstore.atom+json', 'application/json', 'text/plain'] as const
const [atom, json, text] = offers

it.each([
  [undefined, atom],
  ['', atom],
  ['*/*', atom],
  ['application/*', atom],
  ['application/json', json],
  ['Application/JSON; charset=utf-8', json],
  ['text/plain, application/json', text],
  ['text/plain;q=0.5, application/json', json],
  ['application/json;q=0.1, */*;q=0.5', atom],
  ['application/json;q=0, application/vnd.eventstore.atom+json;q=0, */*', text],
  ['text/html, application/xhtml+xml, */*;q=0.8', atom],
  ['application/xml', undefined],
  ['application/json;q=0', undefined],
  ['nonsense', undefined],
])('who accepts %s gets %s', (accept, type) => {
  expect(negotiate(accept, offers)).toBe(type)
})
