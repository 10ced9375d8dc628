import type { FilterOptions } from '../codec/filter.ts'
import { Code, refuse } from '../grpc/status.ts'
import { fromDotNet } from './dotnet-regex.ts'
import type { EventRecord } from './event-record.ts'
import { PatternError } from './pattern-scanner.ts'

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
    return fromDotNet(source)
  } catch (error) {
    if (!(error instanceof PatternError || error instanceof SyntaxError)) throw error
    return refuse(Code.invalidArgument, `Invalid filter: ${error.message}`)
  }
}

const hiddenStream = /^\$persistentsubscription-\$all::.*-(?:checkpoint|parked)$/su

/** What readers of `$all` never see: the node's own bookkeeping. */
export function isHidden({ stream }: EventRecord): boolean {
  if (!stream.startsWith('$')) return false
  return stream === '$epoch-information' || hiddenStream.test(stream)
}
