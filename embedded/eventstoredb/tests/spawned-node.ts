import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const mainFile = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface SpawnedNode {
  readonly port: string
  stop(): Promise<void>
}

export interface SpawnOptions {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The node as its users start it. Rejects with what it says if it doesn't. */
export async function spawnNode({ args, env = {} }: SpawnOptions): Promise<SpawnedNode> {
  const child = spawn(process.execPath, [mainFile, '--port', '0', ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit')
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const port = await new Promise<string>((resolve, reject) => {
    child.once('close', (code) => reject(new Error(`${code}: ${complaint}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      const [, found] = /listening on .*:(\d+)$/mu.exec(chunk.toString()) ?? []
      if (found !== undefined) resolve(found)
    })
  })
  return {
    port,
    stop: async () => {
      child.kill('SIGTERM')
      await exited
    },
  }
}
