import { aclSchema, type Acl } from '../security/acl.ts'
import { jsonMembers, withJsonMember } from './json-members.ts'

/** What a stream's metadata says about which of its events may still be seen, and by whom. */
export interface StreamMetadata {
  readonly acl?: Acl
  readonly maxCount?: number
  readonly maxAgeSeconds?: number
  readonly truncateBefore?: number
  readonly softDeleted: boolean
}

export const noMetadata: StreamMetadata = { softDeleted: false }

/** `$tb` of a soft-deleted stream: the largest number that a revision can have on the wire. */
const deletedMark = 2n ** 63n - 1n
export const softDeleteJson = `{"$tb":${deletedMark}}`

export const metadataPrefix = '$$'
export const metadataStream = (stream: string): string => metadataPrefix + stream
export const isMetadataStream = (stream: string): boolean => stream.startsWith(metadataPrefix)
export const streamOfMetadata = (stream: string): string => stream.slice(metadataPrefix.length)

/** A malformed known key makes all of it count as empty; values below 1 are ignored. */
export function parseMetadata(json: Uint8Array): StreamMetadata {
  const text = textOf(json)
  const members = jsonMembers(text)
  if (members === undefined) return noMetadata
  const values = new Map(members.map(({ key, start, end }) => [key, text.slice(start, end)]))
  try {
    const maxCount = positive(values.get('$maxCount'))
    const maxAgeSeconds = positive(values.get('$maxAge'))
    const truncateBefore = positive(values.get('$tb'))
    positive(values.get('$cacheControl'))
    const acl = aclOf(values.get('$acl'))
    return {
      softDeleted: truncateBefore === deletedMark,
      ...(acl === undefined ? {} : { acl }),
      ...(maxCount === undefined ? {} : { maxCount: Number(maxCount) }),
      ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds: Number(maxAgeSeconds) }),
      ...(truncateBefore === undefined ? {} : { truncateBefore: Number(truncateBefore) }),
    }
  } catch (error) {
    if (error instanceof MalformedMetadata) return noMetadata
    throw error
  }
}

/** The same metadata with another `$tb`; what the user keeps beside it stays as it was written. */
export const withTruncateBefore = (json: Uint8Array | undefined, truncateBefore: number): string =>
  withJsonMember(json === undefined ? '{}' : textOf(json), '$tb', String(truncateBefore))

/** Revision of the first event that count and truncation leave visible; age needs the events' times. */
export function firstVisible(metadata: StreamMetadata, lastRevision: number): number {
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1
  return Math.max(0, byCount, metadata.truncateBefore ?? 0)
}

export const oldestVisibleMs = (metadata: StreamMetadata, nowMs: number): number =>
  metadata.maxAgeSeconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - metadata.maxAgeSeconds * 1000

const textOf = (json: Uint8Array): string => Buffer.from(json).toString('utf8')

class MalformedMetadata extends Error {}

/** A 64-bit whole number as it is written in JSON: `1.0` and `1e3` are none. Undefined if it isn't positive. */
function positive(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const value = /^-?\d+$/u.test(text) ? BigInt(text) : undefined
  if (value === undefined || BigInt.asIntN(64, value) !== value) throw new MalformedMetadata(text)
  return value > 0n ? value : undefined
}

function aclOf(text: string | undefined): Acl | undefined {
  if (text === undefined) return undefined
  const parsed = aclSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new MalformedMetadata(text)
  return parsed.data
}
