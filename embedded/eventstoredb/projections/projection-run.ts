import { setImmediate as nextTurn } from 'node:timers/promises'

import type { Checkpoints } from './checkpoints.ts'
import { Emitter, type Output } from './emitter.ts'
import type { Readers } from './readers.ts'
import { isSource, sourceEvent } from './source-event.ts'
import type { Project } from './system-projections.ts'
import type { ProjectionVersion } from './version.ts'

/** Records read at once, and how much of the log one step takes: as much as other calls can wait for. */
const pageSize = 128
const sourcesPerStep = 128
/** Where many arrive at once it takes more, but never more than it can hold in little memory. */
const mostSourcesPerStep = 2048
const recordsPerStep = 4096
/** A checkpoint follows so many events, or so many bytes of what is no concern of projections. */
const eventsPerCheckpoint = 4000
const bytesPerCheckpoint = 10_000_000

export interface RunOptions {
  readonly name: string
  readonly version: ProjectionVersion
  readonly project: Project
  /** Stream that is told of checkpoints, for those who read the output. */
  readonly index: string | undefined
  /** Milliseconds since whenever. */
  readonly clock: () => number
}

/** Where a run has come, as statistics tell it. */
export interface RunFigures {
  /** Of the last event that was seen to, with all that follows from it on disk. */
  readonly position: number | undefined
  readonly checkpoint: number | undefined
  readonly progress: number
  readonly processed: number
  readonly pendingWrites: number
  readonly pendingEvents: number
  readonly coreProcessingMs: number
}

interface Step {
  readonly outputs: readonly Output[]
  readonly next: number
  readonly lastPosition: number
  readonly sources: number
  readonly otherBytes: number
}

/**
 * A projection at work: a cursor in the log that takes a step whenever there is more, and the next step only
 * when the links of the last are on disk. So it holds one step in memory however far behind it is, and writers
 * never wait for it.
 */
export class ProjectionRun {
  readonly #readers: Readers
  readonly #checkpoints: Checkpoints
  readonly #options: RunOptions
  readonly #emitter: Emitter
  #unsubscribe: (() => void) | undefined
  #working: Promise<void> | undefined
  /** Events that have come since the last step began. */
  #arrived = 0
  #failure: Error | undefined
  #next: number
  #position: number | undefined
  #checkpoint: number | undefined
  #sinceCheckpoint = { events: 0, bytes: 0 }
  #processed = 0
  #pending = { writes: 0, events: 0 }
  #coreProcessingMs = 0

  /** Goes on after its last checkpoint, once it is started. */
  constructor(readers: Readers, checkpoints: Checkpoints, options: RunOptions) {
    this.#readers = readers
    this.#checkpoints = checkpoints
    this.#options = options
    this.#emitter = new Emitter(readers.log, options.version, (stream) =>
      readers.report(`The projection ${options.name} can't write to ${stream}, which is deleted.`),
    )
    this.#checkpoint = checkpoints.read(options.version)
    this.#position = this.#checkpoint
    this.#next = this.#position === undefined ? 0 : this.#position + 1
  }

  get running(): boolean {
    return this.#unsubscribe !== undefined
  }

  /** Why it had to stop. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Deleted streams that its output should go to. */
  get lost(): readonly string[] {
    return this.#emitter.lost
  }

  get figures(): RunFigures {
    const { visibleEnd } = this.#readers.log
    return {
      position: this.#position,
      checkpoint: this.#checkpoint,
      progress: this.#next >= visibleEnd ? 100 : (100 * this.#next) / visibleEnd,
      processed: this.#processed,
      pendingWrites: this.#pending.writes,
      pendingEvents: this.#pending.events,
      coreProcessingMs: this.#coreProcessingMs,
    }
  }

  start(): void {
    this.#unsubscribe ??= this.#readers.log.onCommit((records) => {
      for (const record of records) if (isSource(record)) this.#arrived += 1
      this.#wake()
    })
    this.#wake()
  }

  /** Finishes the step that it is at. Without a checkpoint, the next run does again what came after the last. */
  async stop({ checkpoint }: { readonly checkpoint: boolean }): Promise<void> {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    await this.#working
    if (checkpoint && this.#failure === undefined) await this.#writeCheckpoint()
  }

  #wake(): void {
    if (this.running) this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    try {
      // Those whose commit this is get their answers first.
      await nextTurn()
      for (let step = this.#read(); this.running && step !== undefined; step = this.#read()) {
        await this.#take(step)
        await nextTurn()
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      this.#readers.report(`The projection ${this.#options.name} has stopped: ${this.#failure.message}`)
      this.#unsubscribe?.()
      this.#unsubscribe = undefined
    }
    this.#working = undefined
  }

  #read(): Step | undefined {
    const begun = this.#options.clock()
    const outputs: Output[] = []
    let next = this.#next
    let lastPosition: number | undefined
    let sources = 0
    let otherBytes = 0
    // However many writers there are, it comes nearer to the end of the log.
    const enough = Math.min(Math.max(sourcesPerStep, 2 * this.#arrived), mostSourcesPerStep)
    this.#arrived = 0
    for (let records = 0; sources < enough && records < enough + recordsPerStep;) {
      const page = this.#readers.all.forward(next, pageSize)
      if (page.length === 0) break
      records += page.length
      for (const record of page) {
        next = record.next
        lastPosition = record.position
        if (!isSource(record)) {
          otherBytes += record.framed.length
          continue
        }
        sources += 1
        const cause = sourceEvent(record)
        const emission = this.#options.project(cause)
        if (emission !== undefined) outputs.push({ emission, position: record.position, cause })
      }
    }
    this.#coreProcessingMs += this.#options.clock() - begun
    return lastPosition === undefined ? undefined : { outputs, next, lastPosition, sources, otherBytes }
  }

  async #take({ outputs, next, lastPosition, sources, otherBytes }: Step): Promise<void> {
    await this.#write(outputs)
    this.#next = next
    this.#position = lastPosition
    this.#processed += sources
    this.#sinceCheckpoint.events += sources
    this.#sinceCheckpoint.bytes += otherBytes
    const { events, bytes } = this.#sinceCheckpoint
    if (events >= eventsPerCheckpoint || bytes >= bytesPerCheckpoint) await this.#writeCheckpoint()
  }

  async #write(outputs: readonly Output[]): Promise<void> {
    if (outputs.length === 0) return
    const begun = this.#options.clock()
    this.#pending = {
      writes: new Set(outputs.map(({ emission }) => emission.stream)).size,
      events: outputs.length,
    }
    const written = this.#emitter.write(outputs)
    this.#coreProcessingMs += this.#options.clock() - begun
    await written
    this.#pending = { writes: 0, events: 0 }
  }

  /** Only of what is on disk; where nothing is new there is nothing to say. */
  async #writeCheckpoint(): Promise<void> {
    const position = this.#position
    const { version, index } = this.#options
    if (position === undefined || position === this.#checkpoint) return
    if (index !== undefined) {
      await this.#write([{ emission: { stream: index, type: '$Checkpoint', data: '' }, position }])
    }
    await this.#checkpoints.write(version, position)
    this.#checkpoint = position
    this.#sinceCheckpoint = { events: 0, bytes: 0 }
  }
}
