import { expect, it } from 'vitest'

import { isFromElsewhere } from './origin.ts'

const host = 'node.example:2113'

it.each([
  [{ host }, false],
  [{ host, 'sec-fetch-site': 'same-origin' }, false],
  [{ host, 'sec-fetch-site': 'none' }, false],
  [{ host, 'sec-fetch-site': 'same-site' }, true],
  [{ host, 'sec-fetch-site': 'cross-site', origin: `http://${host}` }, true],
  [{ host, origin: `http://${host}` }, false],
  [{ host: host.toUpperCase(), origin: `https://${host}` }, false],
  [{ host, origin: 'http://elsewhere.example' }, true],
  [{ host, origin: 'http://node.example:8080' }, true],
  [{ host, origin: 'null' }, true],
])('a request with %j is from elsewhere: %s', (headers, expected) => {
  expect(isFromElsewhere({ headers })).toBe(expected)
})
