import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A node in a process of its own, so that it can be killed. */
export class ChildNode {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, line: string) {
    this.#process = child
    this.url = `http://127.0.0.1:${/:(\d+)$/.exec(line)?.[1]}`
  }

  static async start(...flags: readonly string[]): Promise<ChildNode> {
    const child = spawn(process.execPath, [main, '--port', '0', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    for await (const line of createInterface(child.stdout)) return new ChildNode(child, line)
    throw new Error('the node ended without listening')
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
    return this.#process.exitCode
  }
}

/** What `main.ts` says when it can't start. */
export const failedStart = async (
  ...flags: readonly string[]
): Promise<{ code: number | null; said: string }> => {
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await once(child, 'close')
  return { code: child.exitCode, said }
}
