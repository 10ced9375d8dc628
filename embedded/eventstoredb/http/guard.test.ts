import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'

import { expect, it } from 'vitest'

import { Code, refuse } from '../grpc/status.ts'
import { openAccess, type Access } from '../security/access.ts'
import { principalOf } from './guard.ts'
import { problemAnswer } from './problem.ts'

/** What a request is answered whose credentials meet with this. */
async function answerTo(authenticate: Access['authenticate']) {
  try {
    await principalOf({ ...openAccess, authenticate }, new IncomingMessage(new Socket()))
    return undefined
  } catch (error) {
    return problemAnswer(error)
  }
}

it('who is not believed is asked again', async () => {
  const answer = await answerTo(() => refuse(Code.unauthenticated, 'Unauthenticated'))
  expect(answer?.status).toBe(401)
  expect(answer?.extra?.['www-authenticate']).toMatch(/^Basic /u)
})

it('who may be right, but could not be looked at, is not told to be wrong', async () => {
  const answer = await answerTo(() =>
    refuse(Code.resourceExhausted, 'Too many credentials are being checked; try again.'),
  )
  expect([answer?.status, answer?.body]).toEqual([429, expect.stringContaining('try again')])
  expect(answer?.extra).toBeUndefined()
})
