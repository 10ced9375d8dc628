import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Expected } from '../log/commit-check.ts'
import { EventLog } from '../log/event-log.ts'
import { MemoryFiles } from '../log/files/memory-files.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { StreamReader } from '../log/stream-reader.ts'
import { anonymous, system, type Principal, type StreamOperation } from './access.ts'
import { StreamAccess } from './stream-access.ts'

const ada: Principal = { name: 'ada', groups: ['countesses'] }
const bob: Principal = { name: 'bob', groups: ['$ops'] }
const root: Principal = { name: 'root', groups: ['$admins'] }

let log: EventLog
let access: StreamAccess
beforeEach(async () => {
  log = await EventLog.open(new MemoryFiles())
  access = new StreamAccess({ log, streams: new StreamReader(log) })
})
afterEach(() => log.close())

const write = (stream: string, event: ReturnType<typeof ownEvent>): Promise<void> =>
  new Promise((resolve, reject) => {
    log.append({ stream, expected: Expected.any, events: [event] }, (result) => {
      if (result.kind === 'appended') resolve()
      else reject(new Error(result.kind))
    })
  })
const metadata = (stream: string, json: unknown): Promise<void> =>
  write(`$$${stream}`, proposeMetadata(JSON.stringify(json)))
const settings = (json: unknown): Promise<void> =>
  write('$settings', ownEvent('$settings', JSON.stringify(json)))
const deletion = (stream: string): Promise<void> =>
  new Promise((resolve) => log.delete(stream, Expected.any, () => resolve()))

const operations = ['read', 'write', 'delete', 'read metadata', 'write metadata'] as const
const allowed = (principal: Principal, stream: string): StreamOperation[] =>
  operations.filter((operation) => access.allows(principal, operation, stream))

describe('with nothing said', () => {
  it.each<[string, Principal, string, readonly StreamOperation[]]>([
    ['users use streams of users', ada, 'note-1', operations],
    ['users use no system streams', ada, '$kept', []],
    ['operators are users here', bob, '$kept', []],
    ['administrators use all streams', root, '$kept', operations],
    ['and so does the node itself', system, '$kept', operations],
    ['the anonymous use none', anonymous, 'note-1', []],
    ['nobody writes to or deletes $all', root, '$all', ['read', 'read metadata', 'write metadata']],
    ['users see nothing of $all', ada, '$all', []],
    ['metadata of users streams is for users', ada, '$$note-1', operations],
    ['metadata of system streams is not', ada, '$$$kept', []],
    ['nor that of $all', ada, '$$$all', []],
    ['metadata of metadata is metadata', ada, '$$$$note-1', operations],
    ['a stream without a name is nobody else’s business', ada, '', operations],
    ['nor is its metadata', ada, '$$', operations],
  ])('%s', (_, principal, stream, expected) => {
    expect(allowed(principal, stream)).toEqual(expected)
  })
})

describe('an ACL', () => {
  it('says who does what, one operation at a time', async () => {
    await metadata('s', {
      $acl: { $r: 'ada', $w: ['bob', 'countesses'], $d: [], $mr: '$ops', $mw: '$admins' },
    })
    expect(allowed(ada, 's')).toEqual(['read', 'write'])
    expect(allowed(bob, 's')).toEqual(['write', 'read metadata'])
    expect(allowed(root, 's')).toEqual(operations)
    expect(allowed(anonymous, 's')).toEqual([])
  })

  it('rules over metadata streams by $mr and $mw', async () => {
    await metadata('s', { $acl: { $mr: 'ada', $mw: 'bob' } })
    expect(allowed(ada, '$$s')).toEqual(['read', 'read metadata'])
    expect(allowed(bob, '$$s')).toEqual(['write', 'delete', 'write metadata'])
  })

  it('is that of the last metadata', async () => {
    await metadata('s', { $acl: { $r: 'ada' } })
    await metadata('s', { $acl: { $r: 'bob' } })
    expect(access.allows(ada, 'read', 's')).toBe(false)
    await metadata('s', {})
    expect(access.allows(ada, 'read', 's')).toBe(true)
  })

  it.each([{ $r: 1 }, { $r: null }, { $r: ['ada', 1] }, { $r: { name: 'ada' } }, 'ada', ['ada'], null])(
    'that is malformed counts for nothing, and its metadata neither: %j',
    async ($acl) => {
      await metadata('s', { $acl, $maxCount: 1 })
      expect(allowed(bob, 's')).toEqual(operations)
      expect(log.heads.get('s').visibleMetadata).toEqual({ softDeleted: false })
    },
  )

  it('is gone with its stream, since a deletion replaces the metadata', async () => {
    await write('s', ownEvent('Noted', '{}'))
    await metadata('s', { $acl: { $r: [] } })
    await deletion('s')
    expect(access.allows(ada, 'read', 's')).toBe(true)
  })
})

describe('the settings', () => {
  it('are the last event of their stream, as long as there is one', async () => {
    await settings({ $userStreamAcl: { $w: 'ada' } })
    await settings({ $userStreamAcl: { $r: 'ada' } })
    expect(access.allows(bob, 'read', 's')).toBe(false)
    expect(access.allows(bob, 'write', 's')).toBe(true)
    await deletion('$settings')
    expect(access.allows(bob, 'read', 's')).toBe(true)
  })

  it('open $all like any system stream', async () => {
    await settings({ $systemStreamAcl: { $r: 'countesses' } })
    expect(allowed(ada, '$all')).toEqual(['read'])
    expect(allowed(bob, '$all')).toEqual([])
  })

  it('are there from the start', async () => {
    await settings({ $userStreamAcl: { $r: [] } })
    const later = new StreamAccess({ log, streams: new StreamReader(log) })
    expect(later.allows(ada, 'read', 's')).toBe(false)
  })

  it.each(['', 'null', '[]', '{"$userStreamAcl":[]}', '{"$userStreamAcl":{"$r":7}}', '{"$userStreamAcl"'])(
    'count for nothing if they are malformed: %s',
    async (json) => {
      await settings({ $userStreamAcl: { $r: [] } })
      await write('$settings', ownEvent('$settings', json))
      expect(access.allows(ada, 'read', 's')).toBe(true)
    },
  )
})

describe('a reader', () => {
  const watch = (principal: Principal, stream: string) => {
    const heard = { times: 0 }
    const stop = access.onRevoked(principal, stream, () => (heard.times += 1))
    return { heard, stop }
  }

  it('hears once that reading is not allowed any more', async () => {
    const { heard } = watch(ada, 's')
    await metadata('s', { $maxCount: 5 })
    await metadata('other', { $acl: { $r: [] } })
    expect(heard.times).toBe(0)
    await metadata('s', { $acl: { $r: [] } })
    await metadata('s', { $acl: { $r: 'bob' } })
    expect(heard.times).toBe(1)
  })

  it('hears it of metadata streams, of $all, and when the settings say so', async () => {
    const [meta, all, other] = [watch(ada, '$$s'), watch(ada, '$all'), watch(ada, 'other')]
    await metadata('s', { $acl: { $mr: [] } })
    expect(meta.heard.times).toBe(1)
    await metadata('$all', { $acl: { $r: [] } })
    expect(all.heard.times).toBe(1)
    await settings({ $userStreamAcl: { $r: 'bob' } })
    expect(other.heard.times).toBe(1)
  })

  it('hears nothing after it has left, nor ever as an administrator', async () => {
    const [gone, stays, admin] = [watch(ada, 's'), watch(ada, 's'), watch(root, 's')]
    gone.stop()
    gone.stop()
    await metadata('s', { $acl: { $r: [] } })
    expect([gone, stays, admin].map(({ heard }) => heard.times)).toEqual([0, 1, 0])
  })
})
