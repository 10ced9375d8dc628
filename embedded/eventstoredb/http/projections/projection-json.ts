import type { ManagedProjection } from '../../projections/managed-projection.ts'

export const projectionUri = (base: string, name: string): string =>
  `${base}/projection/${encodeURIComponent(name)}`

/** A projection as the JSON API shows it: how it does, and where to go from there. */
export function projectionJson({ statistics }: ManagedProjection, base: string): object {
  const uri = projectionUri(base, statistics.name)
  const { coreProcessingTimeMs, ...figures } = statistics
  return {
    ...figures,
    effectiveName: statistics.name,
    coreProcessingTime: coreProcessingTimeMs,
    statusUrl: uri,
    stateUrl: `${uri}/state`,
    resultUrl: `${uri}/result`,
    queryUrl: `${uri}/query?config=yes`,
    statisticsUrl: `${uri}/statistics`,
    enableCommandUrl: `${uri}/command/enable`,
    disableCommandUrl: `${uri}/command/disable`,
  }
}

/** What is known of it beside how it does. */
export const queryJson = ({ name, query, statistics }: ManagedProjection): object => ({
  name,
  query,
  definition: {},
  emitEnabled: true,
  mode: statistics.mode,
  status: statistics.status,
})
