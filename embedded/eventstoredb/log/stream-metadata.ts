/** What a stream's metadata says about which of its events may still be seen. */
export interface StreamMetadata {
  readonly maxCount?: number
  readonly maxAgeSeconds?: number
  readonly truncateBefore?: number
  readonly softDeleted: boolean
}

export const noMetadata: StreamMetadata = { softDeleted: false }

/** `$tb` of a soft-deleted stream; a JSON parser reads it as 2^63. */
const deletedMark = 2 ** 63
export const softDeleteJson = '{"$tb":9223372036854775807}'

export const metadataPrefix = '$$'
export const metadataStream = (stream: string): string => metadataPrefix + stream
export const isMetadataStream = (stream: string): boolean => stream.startsWith(metadataPrefix)
export const streamOfMetadata = (stream: string): string => stream.slice(metadataPrefix.length)

/** A malformed known key makes all of it count as empty; values below 1 are ignored. */
export function parseMetadata(json: Uint8Array): StreamMetadata {
  const object = parseObject(json)
  if (object === undefined) return noMetadata
  try {
    const maxCount = wholeNumber(object['$maxCount'])
    const maxAgeSeconds = wholeNumber(object['$maxAge'])
    const truncateBefore = wholeNumber(object['$tb'])
    wholeNumber(object['$cacheControl'])
    return {
      softDeleted: truncateBefore !== undefined && truncateBefore >= deletedMark,
      ...(maxCount !== undefined && maxCount > 0 ? { maxCount } : {}),
      ...(maxAgeSeconds !== undefined && maxAgeSeconds > 0 ? { maxAgeSeconds } : {}),
      ...(truncateBefore !== undefined && truncateBefore > 0 ? { truncateBefore } : {}),
    }
  } catch {
    return noMetadata
  }
}

/** The same metadata with another `$tb`; what the user keeps beside it stays. */
export function withTruncateBefore(json: Uint8Array | undefined, truncateBefore: number): string {
  const object = json === undefined ? {} : (parseObject(json) ?? {})
  return JSON.stringify({ ...object, $tb: truncateBefore })
}

/** Revision of the first event that count and truncation leave visible; age needs the events' times. */
export function firstVisible(metadata: StreamMetadata, lastRevision: number): number {
  const byCount = metadata.maxCount === undefined ? 0 : lastRevision - metadata.maxCount + 1
  return Math.max(0, byCount, metadata.truncateBefore ?? 0)
}

export const oldestVisibleMs = (metadata: StreamMetadata, nowMs: number): number =>
  metadata.maxAgeSeconds === undefined ? Number.NEGATIVE_INFINITY : nowMs - metadata.maxAgeSeconds * 1000

function parseObject(json: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(json).toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function wholeNumber(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  throw new TypeError('not a whole number')
}
