import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'

const Answer = z.object({
  checks: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.string().optional() })),
})

const POLL = 25
const ANSWER_DEADLINE = 3_000

/** Why a service is not ready; undefined if it is. */
export const whyNotReady = async (readyz: string): Promise<string | undefined> => {
  try {
    const response = await fetch(readyz, { signal: AbortSignal.timeout(ANSWER_DEADLINE) })
    const body: unknown = await response.json()
    if (response.ok) return undefined
    const answer = Answer.safeParse(body)
    if (!answer.success) return `it answers ${response.status}`
    return Object.entries(answer.data.checks)
      .filter(([, { ok }]) => !ok)
      .map(([name, { reason }]) => `${name}: ${reason ?? 'no'}`)
      .join('; ')
  } catch {
    return 'it does not answer'
  }
}

/** Waits until every service is ready; throws after `ms`, saying which are not, and why. */
export const allReady = async (
  services: readonly { readonly name: string; readonly readyz: string }[],
  ms: number,
  signal: AbortSignal,
): Promise<void> => {
  const deadline = Date.now() + ms
  await Promise.all(
    services.map(async ({ name, readyz }) => {
      for (;;) {
        signal.throwIfAborted()
        const why = await whyNotReady(readyz)
        if (why === undefined) return
        if (Date.now() > deadline) throw new Error(`${name} is not ready after ${ms / 1_000} s: ${why}`)
        await delay(POLL, undefined, { signal })
      }
    }),
  )
}
