import { expect, test } from 'vitest'
import { readable } from './readable.ts'

test.each([
  ['news stay in the log', '{"level":"info","msg":"listening"}', undefined],
  ['warnings are shown', '{"level":"warn","msg":"slow","group":"g"}', 'WARN  slow · g'],
  [
    'with what went wrong',
    '{"level":"error","msg":"parked","reason":"bad event","err":{"message":"boom","stack":"…"}}',
    'ERROR parked · boom · bad event',
  ],
  ['what is no log line is shown as it is', '    at main.ts:1', '    at main.ts:1'],
  ['JSON that is no log line, too', '[1]', '[1]'],
  ['but not an empty one', ' ', undefined],
])('%s', (_, line, shown) => {
  expect(readable(line)).toBe(shown)
})
