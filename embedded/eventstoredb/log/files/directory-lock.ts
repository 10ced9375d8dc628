import { createHash } from 'node:crypto'
import { realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Keeps two nodes from using one directory: each would write where the other thinks the log ends. The lock is a
 * local socket that the owner listens on; one that nobody answers on is left over from a process that was killed.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update(await realpath(directory))
    .digest('hex')
    .slice(0, 24)
  const path = join(tmpdir(), `eventstoredb-${name}.lock`)
  if (await isAnswered(path)) throw new Error(`${directory} is in use by another node.`)
  await rm(path, { force: true })
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  // The lock alone is no reason for the process to live.
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
