import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { UserId } from '../domain/ids.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { UndecodableEvent } from '../eventstore/codec.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { sessionId } from '../people/controls.ts'
import type { TokenAccess } from './tokenAccess.ts'
import { signerOf } from './tokenControls.ts'
import type { Signer } from './tokenControls.ts'
import { accessBy, following, happenings, tokenFor } from './underTest.ts'
import { factsOf } from './facts.ts'
import { isViewer } from './viewer.ts'
import type { Role } from '../domain/role.ts'
import type { Viewer } from './viewer.ts'

let node: EventStoreDBNode
let client: EventStoreDBClient
let signer: Signer
let happened: ReturnType<typeof happenings>
let access: TokenAccess
let stop: () => Promise<void>
beforeAll(async () => {
  node = await EventStoreDBNode.start()
  client = EventStoreDBClient.connectionString(node.connectionString)
  happened = happenings(client)
  signer = await signerOf('2026')
  access = accessBy(client, signer)
  stop = await following(client, access)
})
afterAll(async () => {
  await stop()
  await client.dispose()
  await node.stop()
})

const person = () => UserId.parse(randomUUID())
let ann: UserId
beforeEach(() => {
  ann = person()
})

/** A request with a token that was issued just now. */
const asks = async (user: UserId, role: Role = 'USER', session = 1, by = access) =>
  by.authenticate(factsOf({ authorization: `Bearer ${await tokenFor(signer, user, { role, session })}` }))
const why = async (...asked: Parameters<typeof asks>) => {
  const known = await asks(...asked)
  return isViewer(known) ? 'let in' : known.unauthenticated
}
const viewer = async (user: UserId, role?: Role): Promise<Viewer> => {
  const known = await asks(user, role)
  if (!isViewer(known)) throw new Error(known.unauthenticated)
  return known
}

const SIGNED_OUT = 'You have signed out: sign in again.'
const ROLE = 'Your role has changed: get a new access token.'
const UNKNOWN = 'You are not known here any more.'

describe('a token that has not expired counts no more', () => {
  it('when its session has ended, and those of other sessions do', async () => {
    expect(await why(ann)).toBe('let in')
    await happened.ended(ann)
    await expect.poll(() => why(ann)).toBe(SIGNED_OUT)
    expect(await why(ann, 'USER', 2)).toBe('let in')
  })
  it('when its role was taken away, and one with the new role does', async () => {
    expect(await why(ann, 'ADMIN')).toBe('let in')
    await happened.granted(ann, 'USER')
    await expect.poll(() => why(ann, 'ADMIN')).toBe(ROLE)
    expect(await why(ann, 'USER')).toBe('let in')
    await happened.granted(ann, 'ADMIN')
    await expect.poll(() => why(ann, 'ADMIN')).toBe('let in')
    expect(await why(ann, 'USER')).toBe(ROLE)
  })
  it('when its owner was erased', async () => {
    expect(await why(ann)).toBe('let in')
    await happened.erased(ann)
    await expect.poll(() => why(ann)).toBe(UNKNOWN)
    expect(await why(ann, 'USER', 2)).toBe(UNKNOWN)
  })
})

describe('a process that starts later', () => {
  it.each([
    ['that a session has ended', () => happened.ended(ann, { minutesAgo: 14 }), SIGNED_OUT],
    ['that a role was taken away', () => happened.granted(ann, 'ADMIN', 14), ROLE],
    ['that somebody was erased', () => happened.erased(ann, 14), UNKNOWN],
  ])('knows %s', async (_, happens, answer) => {
    await happens()
    const later = accessBy(client, signer)
    const stopLater = await following(client, later)
    expect(await why(ann, 'USER', 1, later)).toBe(answer)
    await stopLater()
  })
  it('lets nobody in before it can know', async () =>
    expect(why(ann, 'USER', 1, accessBy(client, signer))).rejects.toBeInstanceOf(Unavailable))
})

it('what is older than any token is not looked for', async () => {
  await happened.granted(ann, 'ADMIN', 21)
  await happened.ended(ann, { session: 2 })
  expect(await why(ann)).toBe('let in')
  expect(await why(ann, 'USER', 2)).toBe(SIGNED_OUT)
})

describe('who stays for longer', () => {
  const anotherSession = () => ({ id: sessionId(2), expiresAt: new Date(Date.now() + 600_000) })
  /** Why somebody's access has ended, once it has. */
  const staying = (who: Viewer) => {
    const told: string[] = []
    return { told, leave: access.onceOver(who, (why) => told.push(why)) }
  }

  it('is told once that their session has ended, and nobody else is', async () => {
    const { told } = staying(await viewer(ann))
    const elsewhere = staying({ ...(await viewer(ann)), session: anotherSession() })
    const bob = staying(await viewer(person()))
    await happened.ended(ann)
    await expect.poll(() => told).toEqual([SIGNED_OUT])
    await happened.erased(ann)
    await expect.poll(() => elsewhere.told).toEqual([UNKNOWN])
    expect(told).toEqual([SIGNED_OUT])
    expect(bob.told).toEqual([])
    bob.leave()
  })
  it('is told when their token expires', async () => {
    const session = { id: sessionId(1), expiresAt: new Date(Date.now() + 20) }
    const { told } = staying({ ...(await viewer(ann)), session })
    await expect.poll(() => told).toEqual(['Your access token has expired: come again with a new one.'])
  })
  it('is told what happened just before', async () => {
    const who = await viewer(ann, 'ADMIN')
    await happened.granted(ann, 'USER')
    await expect.poll(() => why(ann, 'ADMIN')).toBe(ROLE)
    const { told } = staying(who)
    await expect.poll(() => told).toEqual([ROLE])
  })
  it('is told nothing after they left', async () => {
    const who = await viewer(ann)
    const gone = staying(who)
    const { told } = staying(who)
    gone.leave()
    gone.leave()
    await happened.ended(ann)
    await expect.poll(() => told).toEqual([SIGNED_OUT])
    expect(gone.told).toEqual([])
  })
  it('is sent away by what can’t be read, as it may say that they may not stay', async () => {
    const { told } = staying(await viewer(ann))
    const broken = jsonEvent({ type: 'SessionEnded', data: { userId: ann }, metadata: {} })
    await client.appendToStream(`user-${ann}`, broken)
    await expect
      .poll(() => told)
      .toEqual(['It cannot be checked at the moment whether you may go on: come again.'])
    await expect(why(ann)).rejects.toBeInstanceOf(UndecodableEvent)
  })
})

it('while the log can’t be read, nobody is let in who was not known before', async () => {
  expect(await why(ann)).toBe('let in')
  await node.stop()
  await expect(why(person())).rejects.toBeInstanceOf(Unavailable)
  expect(await why(ann)).toBe('let in')
})
