import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { noon } from '../domain/controls.ts'
import { isRefusal } from '../eventstore/decision.ts'
import { scenario } from '../eventstore/scenario.ts'
import {
  ended,
  erased,
  exchange,
  granted,
  hashOf,
  refreshed,
  registered,
  secondsAfterNoon,
  session,
  sessionId,
  started,
} from './controls.ts'
import type { SessionEnd } from './events.ts'
import { GRACE, MAX_SIBLINGS } from './session.ts'
import { erase, grant, leave, MAX_SESSIONS, refresh, sessionOf, signIn, user } from './user.ts'

const { given, fold } = scenario(user)
const someone = { isNamedAdmin: false, now: noon }
const namedAdmin = { isNamedAdmin: true, now: noon }
const days = (n: number) => secondsAfterNoon(n * 86_400)
const bothEnded = (why: SessionEnd) => [ended(1, why), ended(2, why)]
const many = Array.from({ length: MAX_SESSIONS }, (_, n) => started(n + 1))

describe('signing in', () => {
  it('registers somebody new', () =>
    given()
      .when(signIn(session(1), someone))
      .then(registered(), started(1)))
  it('as an admin, whom the settings name', () =>
    given()
      .when(signIn(session(1), namedAdmin))
      .then(registered('ADMIN'), started(1)))
  it('also when the settings name them later', () =>
    given(registered())
      .when(signIn(session(1), namedAdmin))
      .then(granted('ADMIN'), started(1)))
  it('does not take a role from anybody', () =>
    given(registered(), granted('ADMIN'))
      .when(signIn(session(1), someone))
      .then(started(1)))
  it('on another device leaves the first one signed in', () =>
    given(registered(), started(1))
      .when(signIn(session(2), someone))
      .then(started(2)))
  it('on too many devices signs out the oldest', () =>
    given(registered(), ...many)
      .when(signIn(session(99), someone))
      .then(ended(1, 'DISPLACED'), started(99)))
  it('clears away sessions that have expired', () =>
    given(registered(), started(1), started(2))
      .when(signIn(session(3), { ...someone, now: days(30) }))
      .then(...bothEnded('EXPIRED'), started(3)))
  it('is over for an id that was erased', () =>
    given(registered(), erased())
      .when(signIn(session(1), namedAdmin))
      .thenRefused({ code: 'ERASED' }))
})

describe('a refresh token', () => {
  const signedIn = given(registered(), started(1))
  const at = (seconds: number) => refreshed(1, 'token-0', 'token-1', secondsAfterNoon(seconds))

  it('is exchanged for the next one', () =>
    signedIn.when(refresh(exchange(1, 'token-0', 'token-1', secondsAfterNoon(900)))).then(at(900)))
  it('that is used again later ends its session for everybody', () =>
    given(registered(), started(1), started(2), at(900))
      .when(refresh(exchange(1, 'token-0', 'stolen', secondsAfterNoon(900 + GRACE / 1_000 + 1))))
      .then(ended(1, 'REUSED')))
  it('that was replaced a moment ago is exchanged once more: another tab, or an answer that was lost', () =>
    given(registered(), started(1), at(900))
      .when(refresh(exchange(1, 'token-0', 'token-1b', secondsAfterNoon(900 + GRACE / 1_000))))
      .then(refreshed(1, 'token-0', 'token-1b', secondsAfterNoon(900 + GRACE / 1_000))))
  it('whose successor is in use ends the session, a moment ago or not', () =>
    given(registered(), started(1), at(900), refreshed(1, 'token-1', 'token-2', secondsAfterNoon(901)))
      .when(refresh(exchange(1, 'token-0', 'stolen', secondsAfterNoon(902))))
      .then(ended(1, 'REUSED')))
  it('of two that replaced the same one, ends the session if the other was used before', () =>
    given(
      registered(),
      started(1),
      at(900),
      refreshed(1, 'token-0', 'token-1b', secondsAfterNoon(901)),
      refreshed(1, 'token-1b', 'token-2', secondsAfterNoon(1_800)),
    )
      .when(refresh(exchange(1, 'token-1', 'stolen', secondsAfterNoon(1_900))))
      .then(ended(1, 'REUSED')))
  it('is not exchanged any number of times, however fast', () =>
    given(
      registered(),
      started(1),
      ...Array.from({ length: MAX_SIBLINGS }, (_, n) =>
        refreshed(1, 'token-0', `token-1.${n}`, secondsAfterNoon(900)),
      ),
    )
      .when(refresh(exchange(1, 'token-0', 'one-more', secondsAfterNoon(900))))
      .then(ended(1, 'REUSED')))
  it('expires when it is not used for 30 days', () =>
    signedIn.when(refresh(exchange(1, 'token-0', 'token-1', days(30)))).then(ended(1, 'EXPIRED')))
  it('is nothing once its session has ended', () =>
    given(registered(), started(1), ended(1, 'LOGOUT'))
      .when(refresh(exchange(1, 'token-0', 'token-1', noon)))
      .thenRefused({ code: 'NO_SESSION' }))
  it('is nothing when the session’s id is all that it has right, and ends nothing', () =>
    signedIn
      .when(refresh({ ...exchange(1, 'token-0', 'token-1', noon), familyHash: hashOf('made up') }))
      .thenRefused({ code: 'NO_SESSION' }))
  it('is nothing to anybody else', () =>
    given()
      .when(refresh(exchange(1, 'token-0', 'token-1', noon)))
      .thenRefused({ code: 'NO_SESSION' }))
})

describe('leaving', () => {
  it('ends that session only', () =>
    given(registered(), started(1), started(2))
      .when(leave(exchange(1, '', '', noon)))
      .then(ended(1, 'LOGOUT')))
  it('twice is once', () =>
    given(registered(), started(1), ended(1, 'LOGOUT'))
      .when(leave(exchange(1, '', '', noon)))
      .thenNothing())
  it('takes a token of the session', () =>
    given(registered(), started(1))
      .when(leave({ sessionId: sessionId(1), familyHash: hashOf('made up') }))
      .thenNothing())
})

describe('roles', () => {
  it('are granted', () => given(registered()).when(grant('ADMIN')).then(granted('ADMIN')))
  it('and taken back', () => given(registered('ADMIN')).when(grant('USER')).then(granted('USER')))
  it('once', () => given(registered('ADMIN')).when(grant('ADMIN')).thenNothing())
  it('to people who are there', () => given().when(grant('ADMIN')).thenRefused({ code: 'NO_USER' }))
  it('and have not been erased', () =>
    given(registered(), erased()).when(grant('ADMIN')).thenRefused({ code: 'ERASED' }))
})

describe('erasing', () => {
  it('ends every session, and the user', () =>
    given(registered(), started(1), started(2))
      .when(erase())
      .then(...bothEnded('ERASED'), erased()))
  it('twice is once', () => given(registered(), erased()).when(erase()).thenNothing())
  it('is of somebody who was there', () => given().when(erase()).thenRefused({ code: 'NO_USER' }))
})

test('whoever steals a token, and whenever: the thief and the owner are never both signed in for long', () => {
  // Two parties hold the same token. They refresh in any order, at any distance; each goes on with what it got.
  const turns = fc.array(
    fc.record({ party: fc.constantFrom<0 | 1>(0, 1), wait: fc.integer({ min: 0, max: 3_600 }) }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(turns, (turns) => {
      let state = fold([registered(), started(1)])
      const held = ['token-0', 'token-0']
      let seconds = 0
      for (const [n, { party, wait }] of turns.entries()) {
        seconds += wait
        const used = held[party] ?? ''
        const next = `token-${n + 1}`
        const decision = refresh(exchange(1, used, next, secondsAfterNoon(seconds)))(state)
        const wasAlive = sessionOf(state, sessionId(1)) !== undefined
        expect(isRefusal(decision)).toBe(!wasAlive)
        state = isRefusal(decision) ? state : decision.reduce(user.evolve, state)
        if (sessionOf(state, sessionId(1))?.usable.includes(hashOf(next))) held[party] = next
      }
      // Once they hold different tokens, whoever refreshes next shuts the other one out, or both.
      const alive = sessionOf(state, sessionId(1))
      for (const party of [0, 1]) {
        const other = held[1 - party] ?? ''
        if (!alive || held[0] === held[1]) continue
        const moved = refresh(exchange(1, held[party] ?? '', 'later', secondsAfterNoon(seconds + 3_600)))(
          state,
        )
        const after = isRefusal(moved) ? state : moved.reduce(user.evolve, state)
        const then = refresh(exchange(1, other, 'latest', secondsAfterNoon(seconds + 7_200)))(after)
        expect(isRefusal(then) ? [] : then.map(({ type }) => type)).not.toContain('SessionRefreshed')
      }
    }),
  )
})
