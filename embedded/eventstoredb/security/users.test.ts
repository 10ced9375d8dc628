import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { Expected } from '../log/commit-check.ts'
import { EventLog } from '../log/event-log.ts'
import { MemoryFiles } from '../log/files/memory-files.ts'
import { ownEvent } from '../log/own-events.ts'
import { StreamReader } from '../log/stream-reader.ts'
import { Users } from './users.ts'

let log: EventLog
let users: Users
beforeEach(async () => {
  log = await EventLog.open(new MemoryFiles())
  users = new Users({ log, streams: new StreamReader(log) })
})
afterEach(() => log.close())

const create = (loginName: string): Promise<boolean> =>
  users.create({ loginName, fullName: '', groups: [] }, undefined)

it('changes of one user at the same time all count', async () => {
  await create('ada')
  const changed = await Promise.all([
    users.change('ada', (user) => ({ ...user, disabled: true })),
    users.change('ada', (user) => ({ ...user, fullName: 'Ada' })),
    users.change('ada', (user) => ({ ...user, groups: [...user.groups, 'a'] })),
    users.change('ada', (user) => ({ ...user, groups: [...user.groups, 'b'] })),
  ])
  expect(changed).toEqual([true, true, true, true])
  const ada = users.find('ada')
  expect(ada).toMatchObject({ loginName: 'ada', fullName: 'Ada', disabled: true, revision: 4 })
  expect(ada?.groups.toSorted()).toEqual(['a', 'b'])
})

it('of several who create the same user one does', async () => {
  const created = await Promise.all([create('ada'), create('ada'), create('ada')])
  expect(created.filter(Boolean)).toHaveLength(1)
  expect(users.all().map(({ loginName }) => loginName)).toEqual(['ada'])
})

it('all users are found, however many', async () => {
  const logins = Array.from({ length: 300 }, (_, n) => `user-${n}`)
  for (const login of logins) await create(login)
  await users.delete('user-7')
  expect(users.all().map(({ loginName }) => loginName)).toEqual(logins.filter((login) => login !== 'user-7'))
})

it('a stream that describes no user is an error, not a missing user', async () => {
  const written = new Promise((resolve) => {
    const events = [ownEvent('Garbage', '{"loginName":"ada"}')]
    log.append({ stream: '$user-ada', expected: Expected.any, events }, resolve)
  })
  await written
  expect(() => users.find('ada')).toThrow('describes no user')
})

describe('who watches users', () => {
  it('hears of each change by name, and of nothing else', async () => {
    const heard: string[] = []
    users.onChange((login) => heard.push(login))
    await create('ada')
    await create('bob')
    await users.change('ada', (user) => user)
    await users.delete('bob')
    expect(heard).toEqual(['ada', 'bob', 'ada', 'bob'])
  })
})
