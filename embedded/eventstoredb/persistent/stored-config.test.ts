import { describe, expect, it } from 'vitest'

import { configOf } from './registry-harness.ts'
import type { GroupConfig } from './settings.ts'
import type { StartFrom } from './start-from.ts'
import { decodeConfig, encodeConfig } from './stored-config.ts'

const change = { at: new Date('2024-05-01T12:00:00Z'), by: 'ops' }
const filtered: GroupConfig = {
  ...configOf('$all'),
  filter: { on: 'type', regex: '', prefixes: ['a,b', 'c'], window: undefined, checkpointMultiplier: 2 },
}

describe('the stored configuration', () => {
  it('says who wrote it and when, and what each group is set to', () => {
    const json: unknown = JSON.parse(encodeConfig([configOf('s', { resolveLinks: true })], change))
    expect(json).toEqual({
      version: '2',
      updated: '2024-05-01T12:00:00.000Z',
      updatedBy: 'ops',
      entries: [
        {
          stream: 's',
          group: 'g',
          startPosition: '0',
          resolveLinkTos: true,
          extraStatistics: false,
          messageTimeout: 30_000,
          maxRetryCount: 10,
          checkPointAfter: 0,
          minCheckPointCount: 1,
          maxCheckPointCount: 1,
          maxSubscriberCount: 0,
          liveBufferSize: 500,
          readBatchSize: 20,
          historyBufferSize: 500,
          namedConsumerStrategy: 'RoundRobin',
        },
      ],
    })
  })

  it('is read as it was written', () => {
    const starts: [string, StartFrom][] = [
      ['s', 'start'],
      ['s', 'end'],
      ['s', 12],
      ['$all', 'start'],
      ['$all', 'end'],
      ['$all', { commit: 9, prepare: 7 }],
    ]
    const groups = [...starts.map(([stream, startFrom]) => configOf(stream, { startFrom })), filtered]
    expect(decodeConfig(encodeConfig(groups, change))).toEqual(groups)
  })

  it('has zero for what is left out', () => {
    const entry = { stream: 's', group: 'g', namedConsumerStrategy: 'Pinned' }
    const [group] = decodeConfig(JSON.stringify({ version: '2', entries: [entry] }))
    expect(group?.settings).toMatchObject({ startFrom: 'start', maxRetryCount: 0, strategy: 'Pinned' })
  })

  it.each([
    ['no JSON', 'garbage'],
    ['another version', JSON.stringify({ version: '1', entries: [] })],
    ['a group without a name', JSON.stringify({ version: '2', entries: [{ stream: 's' }] })],
    [
      'a start that is none',
      JSON.stringify({
        version: '2',
        entries: [{ stream: 's', group: 'g', namedConsumerStrategy: '', startPosition: 'x' }],
      }),
    ],
  ])('is refused if it is %s', (_, json) => {
    expect(() => decodeConfig(json)).toThrow()
  })
})
