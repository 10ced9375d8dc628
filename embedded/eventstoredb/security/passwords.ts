import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto'

const saltSize = 16
const keySize = 32
/** 16 MB of memory and about a tenth of a second for each guess, as OWASP advises for scrypt. */
const logCost = 14
const blockSize = 8
const parallelization = 5

const format = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/u

/** Salted, in the PHC string format: what it took to make the hash is beside it, and so may change later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltSize)
  const key = await derive(password, salt, keySize, {
    N: 2 ** logCost,
    r: blockSize,
    p: parallelization,
  })
  return phcString(salt, key)
}

/** A hash that no password has, but that takes as long to compare as any other. */
export const hashOfNothing = (): string => phcString(randomBytes(saltSize), randomBytes(keySize))

/** Throws if `hash` is none that `hashPassword` has made. */
export async function isPasswordOf(hash: string, password: string): Promise<boolean> {
  const [, ln, r, p, salt = '', stored = ''] = format.exec(hash) ?? []
  if (stored === '') throw new Error('A password hash of unknown form.')
  const expected = Buffer.from(stored, 'base64')
  const options = { N: 2 ** Number(ln), r: Number(r), p: Number(p) }
  const key = await derive(password, Buffer.from(salt, 'base64'), expected.length, options)
  return timingSafeEqual(key, expected)
}

/** On a thread of its own, as everything else would wait for it. */
function derive(password: string, salt: Buffer, size: number, options: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, size, options, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

const phcString = (salt: Buffer, key: Buffer): string =>
  `$scrypt$ln=${logCost},r=${blockSize},p=${parallelization}$${base64(salt)}$${base64(key)}`

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')
