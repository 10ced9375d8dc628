import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SigningKeysText } from '../people/signingKeys.ts'
import { signingKeysIn } from './signingKeys.ts'

it('the keys that sign tokens are made once, kept, and nobody else’s to read', () => {
  const directory = mkdtempSync(join(tmpdir(), 'counterfoil-keys-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const made = signingKeysIn(directory)
  expect(SigningKeysText.parse(made)).toHaveLength(1)
  expect(signingKeysIn(directory)).toBe(made)
  expect(statSync(join(directory, 'signing-keys.json')).mode & 0o777).toBe(0o600)
})
