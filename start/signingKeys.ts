import { generateKeyPairSync } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The keys that sign access tokens, as `AUTH_SIGNING_KEYS` has them: made when there are none, and kept in the data
 * directory, where only its owner can read them. Whoever has the directory's lock may call this.
 */
export const signingKeysIn = (directory: string): string => {
  const path = join(directory, 'signing-keys.json')
  const kept = contentOf(path)
  if (kept !== undefined) return kept
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const made = JSON.stringify({ keys: [privateKey.export({ format: 'jwk' })] })
  const half = `${path}.new`
  const file = openSync(half, 'w', 0o600)
  try {
    writeSync(file, made)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(half, path)
  return made
}

const contentOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined
    throw fault
  }
}
