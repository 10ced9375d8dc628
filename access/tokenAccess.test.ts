import { createLocalJWKSet } from 'jose'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { UserId } from '../domain/ids.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { codecOf, UndecodableEvent } from '../eventstore/codec.ts'
import { begin } from '../eventstore/metadata.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { sessionId } from '../people/controls.ts'
import { userEvents } from '../people/events.ts'
import type { UserEvent } from '../people/events.ts'
import { loggerOf } from '../service/logger.ts'
import { followRevocations } from './follow.ts'
import { tokenAccess } from './tokenAccess.ts'
import type { TokenAccess } from './tokenAccess.ts'
import { claimsAt, ISSUER, signed, signerOf } from './tokenControls.ts'
import type { Signer } from './tokenControls.ts'
import { factsOf, isViewer } from './viewer.ts'
import type { Role, Viewer } from './viewer.ts'

let node: EventStoreDBNode
let client: EventStoreDBClient
let signer: Signer
beforeAll(async () => {
  node = await EventStoreDBNode.start()
  client = EventStoreDBClient.connectionString(node.connectionString)
  signer = await signerOf('2026')
})
afterAll(async () => {
  await client.dispose()
  await node.stop()
})

const person = () => UserId.parse(randomUUID())
const codec = codecOf(userEvents)
const log = loggerOf('api', 'silent')

/** What happened to somebody, so many minutes ago. */
const happened = (user: UserId, event: UserEvent, minutesAgo = 0) =>
  client.appendToStream(
    `user-${user}`,
    codec.encode(event, randomUUID(), new Date(Date.now() - minutesAgo * 60_000), begin(randomUUID(), user)),
  )
const granted = (userId: UserId, role: Role): UserEvent => ({ type: 'RoleGranted', data: { userId, role } })
const ended = (userId: UserId, n = 1): UserEvent => ({
  type: 'SessionEnded',
  data: { userId, sessionId: sessionId(n), why: 'LOGOUT' },
})
const erased = (userId: UserId): UserEvent => ({ type: 'UserErased', data: { userId } })

const notFollowing = () =>
  tokenAccess({
    client,
    keys: createLocalJWKSet({ keys: [signer.jwk] }),
    publicUrl: ISSUER,
    now: () => new Date(),
  })

/** One process of several: it follows the log until the test is over. */
const startProcess = () => {
  const access = notFollowing()
  const stopping = new AbortController()
  const following = followRevocations({ client, signal: stopping.signal, log, ...access })
  return {
    access,
    stop: async () => {
      stopping.abort()
      await following
    },
  }
}
const hasBegun = ({ mustHaveBegun }: TokenAccess) => {
  try {
    mustHaveBegun()
    return true
  } catch {
    return false
  }
}

let ann: UserId
let access: TokenAccess
let stop: () => Promise<void>
beforeAll(async () => {
  ;({ access, stop } = startProcess())
  await vi.waitUntil(() => hasBegun(access))
})
afterAll(() => stop())
beforeEach(() => {
  ann = person()
})

/** A request with a token that was issued just now. */
const asks = async (user: UserId, role: Role = 'USER', session = 1, by = access) => {
  const claims = { ...claimsAt(new Date()), sub: user, role, sid: sessionId(session) }
  return by.authenticate(factsOf({ authorization: `Bearer ${await signed(signer, claims)}` }))
}
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
    await happened(ann, ended(ann))
    await expect.poll(() => why(ann)).toBe(SIGNED_OUT)
    expect(await why(ann, 'USER', 2)).toBe('let in')
  })
  it('when its role was taken away, and one with the new role does', async () => {
    expect(await why(ann, 'ADMIN')).toBe('let in')
    await happened(ann, granted(ann, 'USER'))
    await expect.poll(() => why(ann, 'ADMIN')).toBe(ROLE)
    expect(await why(ann, 'USER')).toBe('let in')
    await happened(ann, granted(ann, 'ADMIN'))
    await expect.poll(() => why(ann, 'ADMIN')).toBe('let in')
    expect(await why(ann, 'USER')).toBe(ROLE)
  })
  it('when its owner was erased', async () => {
    expect(await why(ann)).toBe('let in')
    await happened(ann, erased(ann))
    await expect.poll(() => why(ann)).toBe(UNKNOWN)
    expect(await why(ann, 'USER', 2)).toBe(UNKNOWN)
  })
})

describe('a process that starts later', () => {
  it.each([
    ['that a session has ended', ended, SIGNED_OUT],
    ['that a role was taken away', (user: UserId) => granted(user, 'ADMIN'), ROLE],
    ['that somebody was erased', erased, UNKNOWN],
  ])('knows %s', async (_, event, answer) => {
    await happened(ann, event(ann), 14)
    const later = startProcess()
    await expect.poll(() => hasBegun(later.access)).toBe(true)
    expect(await why(ann, 'USER', 1, later.access)).toBe(answer)
    await later.stop()
  })
  it('lets nobody in before it can know', async () =>
    expect(why(ann, 'USER', 1, notFollowing())).rejects.toBeInstanceOf(Unavailable))
})

it('what is older than any token is not looked for', async () => {
  await happened(ann, granted(ann, 'ADMIN'), 21)
  await happened(ann, ended(ann, 2))
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
    const others = [
      staying({ ...(await viewer(ann)), session: anotherSession() }),
      staying(await viewer(person())),
    ]
    await happened(ann, ended(ann))
    await expect.poll(() => told).toEqual([SIGNED_OUT])
    await happened(ann, erased(ann))
    await expect.poll(() => others[0]?.told).toEqual([UNKNOWN])
    expect(told).toEqual([SIGNED_OUT])
    expect(others[1]?.told).toEqual([])
    for (const { leave } of others) leave()
  })
  it('is told when their token expires', async () => {
    const who = await viewer(ann)
    const { told } = staying({ ...who, session: { id: sessionId(1), expiresAt: new Date(Date.now() + 20) } })
    await expect.poll(() => told).toEqual(['Your access token has expired: come again with a new one.'])
  })
  it('is told what happened just before', async () => {
    const who = await viewer(ann, 'ADMIN')
    await happened(ann, granted(ann, 'USER'))
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
    await happened(ann, ended(ann))
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
