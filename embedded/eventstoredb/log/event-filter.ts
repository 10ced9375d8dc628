import type { FilterOptions } from '../codec/filter.ts'
import { Code, refuse } from '../grpc/status.ts'
import type { EventRecord } from './event-record.ts'

export type Matches = (record: EventRecord) => boolean

export const matchesAll: Matches = () => true

/** The filter as a function; a regular expression, if there is one, wins over prefixes. */
export function compileFilter({ on, regex, prefixes }: FilterOptions): Matches {
  if (regex !== '') {
    const pattern = compileRegex(regex)
    return on === 'stream' ? (record) => pattern.test(record.stream) : (record) => pattern.test(record.type)
  }
  const startsRight = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix))
  return on === 'stream' ? (record) => startsRight(record.stream) : (record) => startsRight(record.type)
}

function compileRegex(source: string): RegExp {
  try {
    return new RegExp(source, 'u')
  } catch {
    // What the stricter syntax refuses (needless escapes, mostly) is fine in .NET, and in the older one.
    return compileLoosely(source)
  }
}

function compileLoosely(source: string): RegExp {
  try {
    return new RegExp(source)
  } catch (error) {
    return refuse(Code.invalidArgument, `Invalid filter: ${error instanceof Error ? error.message : source}`)
  }
}

const hiddenStream = /^\$persistentsubscription-\$all::.*-(?:checkpoint|parked)$/u

/** What readers of `$all` never see: the node's own bookkeeping about `$all`. */
export function isHidden(record: EventRecord): boolean {
  return record.stream.startsWith('$persistentsubscription-$all::') && hiddenStream.test(record.stream)
}
