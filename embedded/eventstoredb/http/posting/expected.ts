import { Expected, type ExpectedRevision } from '../../log/commit-check.ts'
import type { Exchange } from '../exchange.ts'
import { Problem } from '../problem.ts'

const named: readonly number[] = Object.values(Expected)

/** What a client expects of the stream it writes to or deletes; nothing, if it doesn't say. */
export function expectedVersion(exchange: Exchange): ExpectedRevision {
  const text = exchange.header('es-expectedversion')?.trim()
  if (text === undefined) return Expected.any
  const version = /^-?\d{1,15}$/u.test(text) ? Number(text) : Number.NaN
  if (version >= 0 || named.includes(version)) return version
  throw new Problem(
    400,
    `ES-ExpectedVersion must be an event number, -1 (no stream), -2 (any) or -4 (stream exists), not ${text}.`,
  )
}
