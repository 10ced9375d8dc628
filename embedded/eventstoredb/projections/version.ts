/**
 * Which life of which projection wrote an event. A reset begins a new epoch: what was written before it no
 * longer counts.
 */
export interface ProjectionVersion {
  readonly id: number
  readonly epoch: number
  readonly version: number
}

/** Version of the format itself. */
const format = 4

export const versionText = ({ id, epoch, version }: ProjectionVersion): string =>
  `${id}:${epoch}:${version}:${format}`

export function parseVersion(text: string): ProjectionVersion | undefined {
  const parts = text.split(':').map(Number)
  const [id, epoch, version] = parts
  if (id === undefined || epoch === undefined || version === undefined) return undefined
  return parts.every((part) => Number.isSafeInteger(part)) ? { id, epoch, version } : undefined
}

/** A configuration that changes in between doesn't end an epoch. */
export const sameEpoch = (one: ProjectionVersion, other: ProjectionVersion): boolean =>
  one.id === other.id && one.epoch === other.epoch
