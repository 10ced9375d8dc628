import { z } from 'zod'

/** What an event's metadata says about where it came from. */
export interface Trace {
  readonly correlationId: string | undefined
  readonly causationId: string | undefined
}

const untraced: Trace = { correlationId: undefined, causationId: undefined }
/** Larger metadata than this is no trace any more, and not worth a look at each of many events. */
const largest = 64 * 1024
const id = z.string().min(1).max(500).optional().catch(undefined)
const traced = z.object({ $correlationId: id, $causationId: id })

export function traceOf(metadata: Buffer): Trace {
  if (metadata.length === 0 || metadata.length > largest) return untraced
  const parsed = traced.safeParse(jsonOf(metadata))
  if (!parsed.success) return untraced
  return { correlationId: parsed.data.$correlationId, causationId: parsed.data.$causationId }
}

/** Undefined for what is no JSON. */
export function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    return undefined
  }
}
