import { flushCompileCache } from 'node:module'
import { z } from 'zod'

/** A node that listens. */
export interface RunningNode {
  readonly port: number
  readonly stop: () => Promise<unknown>
}

/**
 * Makes this process a node: until SIGTERM or SIGINT, upon which it stops in order. Says why, and ends with 1, when it
 * can't start, can't stop, or has failed in between, of which `start` may tell.
 */
export const runNode = async (
  title: string,
  start: (
    failed: (error: unknown) => never,
  ) => Promise<{ readonly host: string; readonly node: RunningNode }>,
): Promise<void> => {
  const fail = (error: unknown): never => {
    console.error(`The ${title} node has failed: ${reasonOf(error)}`)
    process.exit(1)
  }
  try {
    const { host, node } = await start(fail)
    console.log(`${title} node listening on ${host}:${node.port}`)
    // Where Node keeps what it compiled, a node that is killed leaves it to the next one, too.
    flushCompileCache()
    const stop = (): void => void node.stop().then(() => process.exit(0), fail)
    process.once('SIGTERM', stop)
    process.once('SIGINT', stop)
  } catch (error) {
    fail(error)
  }
}

const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError) return z.prettifyError(error)
  return error instanceof Error ? error.message : String(error)
}
