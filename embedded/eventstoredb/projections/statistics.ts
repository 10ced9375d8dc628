import type { ProjectionStatus } from './managed-projection.ts'
import type { RunFigures } from './projection-run.ts'

/** What the node tells of a projection, in the terms of the protocol. */
export interface Statistics {
  readonly name: string
  readonly status: ProjectionStatus
  readonly stateReason: string
  readonly mode: 'Continuous'
  readonly version: number
  readonly epoch: number
  readonly coreProcessingTimeMs: number
  readonly writesInProgress: number
  readonly readsInProgress: number
  readonly partitionsCached: number
  readonly position: string
  readonly lastCheckpoint: string
  /** Percent. */
  readonly progress: number
  readonly eventsProcessedAfterRestart: number
  readonly checkpointStatus: string
  readonly bufferedEvents: number
  readonly writePendingEventsBeforeCheckpoint: number
  readonly writePendingEventsAfterCheckpoint: number
}

export function statisticsOf(of: {
  readonly name: string
  readonly status: ProjectionStatus
  readonly version: number
  readonly epoch: number
  readonly figures: RunFigures
  readonly failure: Error | undefined
  readonly lost: readonly string[]
}): Statistics {
  const { name, status, version, epoch, figures, failure, lost } = of
  return {
    name,
    status,
    stateReason: failure?.message ?? reasonOf(lost),
    mode: 'Continuous',
    version,
    epoch,
    coreProcessingTimeMs: Math.round(figures.coreProcessingMs),
    writesInProgress: figures.pendingWrites,
    // A page of the log is read at once; there is no time at which a read is under way.
    readsInProgress: 0,
    partitionsCached: 1,
    position: positionText(figures.position),
    lastCheckpoint: positionText(figures.checkpoint),
    progress: figures.progress,
    eventsProcessedAfterRestart: figures.processed,
    checkpointStatus: '',
    bufferedEvents: figures.pendingEvents,
    writePendingEventsBeforeCheckpoint: figures.pendingEvents,
    writePendingEventsAfterCheckpoint: 0,
  }
}

const positionText = (position: number | undefined): string =>
  position === undefined ? 'C:0/P:-1' : `C:${position}/P:${position}`

const reasonOf = (lost: readonly string[]): string =>
  lost.length === 0 ? '' : `Deleted, so that no more can be written to it: ${lost.join(', ')}`
