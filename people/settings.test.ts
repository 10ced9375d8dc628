import { expect, it } from 'vitest'
import { z } from 'zod'
import { accessSettings, BadConfiguration, parseConfig, processSettings } from '../service/config.ts'
import { mustBeAbleToSignIn, peopleSettings } from './settings.ts'

const Settings = z
  .object({ ...processSettings, ...accessSettings, ...peopleSettings })
  .superRefine(mustBeAbleToSignIn)

const mistakesOf = (env: Readonly<Record<string, string>>): readonly string[] => {
  try {
    parseConfig(Settings, env)
    return []
  } catch (fault) {
    if (fault instanceof BadConfiguration) return fault.mistakes
    throw fault
  }
}

it('whoever signs people in needs a client of Google and keys; whoever does not needs nothing', () => {
  expect(mistakesOf({})).toEqual([])
  expect(mistakesOf({ AUTH_MODE: 'jwt', GOOGLE_CLIENT_ID: 'ours' })).toEqual([
    'GOOGLE_CLIENT_SECRET: must be set where AUTH_MODE is jwt',
    'AUTH_SIGNING_KEYS: must be set where AUTH_MODE is jwt',
  ])
})

it.each([
  ['GOOGLE_ISSUER', 'http://issuer.example'],
  ['GOOGLE_ISSUER', 'accounts.google.com'],
  ['GOOGLE_ISSUER', 'https://me:secret@issuer.example'],
  ['GOOGLE_ISSUER', 'https://issuer.example/?a=b'],
  ['ADMIN_EMAIL', 'ada'],
  ['AUTH_SIGNING_KEYS', 'secret'],
  ['AUTH_MODE', 'google'],
])('%s=%s is a mistake', (name, value) => {
  const mistakes = mistakesOf({ [name]: value })
  expect(mistakes).toEqual([expect.stringMatching(new RegExp(`^${name}: must be `))])
  expect(mistakes.join()).not.toContain('secret')
})

it.each([
  'https://issuer.example/realms/shop',
  'http://127.0.0.1:9010',
  'http://localhost:9010',
  'http://[::1]:9010',
])('%s is an issuer to believe', (GOOGLE_ISSUER) => expect(mistakesOf({ GOOGLE_ISSUER })).toEqual([]))
