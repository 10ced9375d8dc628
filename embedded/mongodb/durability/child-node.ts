import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A node in a process of its own, so that it can be killed. */
export class ChildNode {
  readonly url: string
  readonly line: string
  readonly #process: ChildProcess

  private constructor(child: ChildProcess, line: string) {
    this.#process = child
    this.line = line
    this.url = `mongodb://127.0.0.1:${/:(\d+)$/.exec(line)?.[1]}/?directConnection=true`
  }

  /** `largestFile`, in KB, makes writes fail where the node's file would get larger, as on a full disk. */
  static async start(directory: string, largestFile?: number): Promise<ChildNode> {
    const limit = largestFile === undefined ? '' : `ulimit -f ${largestFile}; `
    const command = [process.execPath, main, '--port', '0', '--db', directory]
    const child = spawn('bash', ['-c', `${limit}exec "$@"`, 'node', ...command], {
      stdio: ['ignore', 'pipe', largestFile === undefined ? 'inherit' : 'ignore'],
    })
    for await (const line of createInterface(child.stdout)) return new ChildNode(child, line)
    throw new Error('the node ended without listening')
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const exited = once(this.#process, 'exit')
    this.#process.kill(signal)
    await exited
    return this.#process.exitCode
  }
}

/** What `main.ts` says when it can't start. */
export async function failedStart(args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await once(child, 'close')
  return { code: child.exitCode, said }
}
