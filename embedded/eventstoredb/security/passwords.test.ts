import { scryptSync } from 'node:crypto'

import { expect, it } from 'vitest'

import { hashOfNothing, hashPassword, isPasswordOf } from './passwords.ts'

it('a password is known again by its hash, and another is not', async () => {
  const hash = await hashPassword('sésame: open')
  expect(await isPasswordOf(hash, 'sésame: open')).toBe(true)
  expect(await isPasswordOf(hash, 'sésame: opem')).toBe(false)
  expect(await isPasswordOf(hash, '')).toBe(false)
})

it('the same letters are the same password, however they are composed', async () => {
  expect(await isPasswordOf(await hashPassword('caf\u00e9'), 'cafe\u0301')).toBe(true)
})

it('the same password has another hash each time, which says how it was made', async () => {
  const hashes = await Promise.all([hashPassword('changeit'), hashPassword('changeit')])
  expect(new Set(hashes).size).toBe(2)
  for (const hash of hashes) expect(hash).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[^$]{22}\$[^$]{43}$/u)
})

it('a hash that was made with other parameters still counts', async () => {
  const salt = Buffer.alloc(16, 'salt')
  const key = scryptSync('changeit', salt, 24, { N: 16, r: 1, p: 2 })
  const hash = `$scrypt$ln=4,r=1,p=2$${salt.toString('base64').replaceAll('=', '')}$${key.toString('base64')}`
  expect(await isPasswordOf(hash, 'changeit')).toBe(true)
  expect(await isPasswordOf(hash, 'changeit!')).toBe(false)
})

it.each(['', 'changeit', '$scrypt$ln=14,r=8,p=5$$', '$argon2id$v=19$m=1,t=1,p=1$AAAA$AAAA'])(
  'what is no hash is an error and not a wrong password: %s',
  async (hash) => {
    await expect(isPasswordOf(hash, 'changeit')).rejects.toThrow('unknown form')
  },
)

it('a hash of nothing is like any other, and has no password', async () => {
  expect(hashOfNothing()).toMatch(/^\$scrypt\$ln=14,r=8,p=5\$[^$]{22}\$[^$]{43}$/u)
  expect(await isPasswordOf(hashOfNothing(), '')).toBe(false)
})
