import { z } from 'zod'

import type { EventRecord } from '../log/event-record.ts'
import { parseJson } from './json.ts'
import { parseVersion, versionText, type ProjectionVersion } from './version.ts'

/** What every event of a projection says of where it comes from: who wrote it, and for which event. */
export interface PositionTag {
  readonly version: ProjectionVersion
  /** Position of the source event in the log. */
  readonly position: number
}

const stored = z.object({ $v: z.string(), $c: z.int() })

export const tagFields = ({ version, position }: PositionTag): { $v: string; $c: number; $p: number } => ({
  $v: versionText(version),
  $c: position,
  $p: position,
})

/** Undefined for events that no projection has written. */
export function readTag(record: EventRecord): PositionTag | undefined {
  const fields = stored.safeParse(parseJson(record.body.metadata.toString('utf8'))).data
  const version = fields === undefined ? undefined : parseVersion(fields.$v)
  return fields === undefined || version === undefined ? undefined : { version, position: fields.$c }
}
