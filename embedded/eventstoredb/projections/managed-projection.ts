import { Checkpoints } from './checkpoints.ts'
import { ProjectionRun } from './projection-run.ts'
import type { Readers } from './readers.ts'
import { statisticsOf, type Statistics } from './statistics.ts'
import { initialDefinition, readDefinition, writeDefinition, type Definition } from './stored-definitions.ts'
import type { Project, SystemProjection } from './system-projections.ts'
import type { ProjectionVersion } from './version.ts'

export type ProjectionStatus = 'Running' | 'Stopping' | 'Stopped' | 'Aborting' | 'Aborted/Stopped' | 'Faulted'

export interface ManagedOptions {
  readonly kind: SystemProjection
  readonly id: number
  /** Milliseconds since whenever. */
  readonly clock: () => number
}

export class InvalidQueryError extends Error {
  override readonly name = 'InvalidQueryError'
}

/** The projections are being stopped or restarted, and another instance takes over. */
export class ClosedError extends Error {
  override readonly name = 'ClosedError'
}

/** One projection as people manage it. Commands are carried out one after the other. */
export class ManagedProjection {
  readonly kind: SystemProjection
  readonly #id: number
  readonly #clock: () => number
  readonly #readers: Readers
  readonly #checkpoints: Checkpoints
  #definition: Definition
  #run: ProjectionRun
  #status: ProjectionStatus = 'Stopped'
  /** Why what is stored of it can't be used. */
  #flaw: Error | undefined
  #commands: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(readers: Readers, { kind, id, clock }: ManagedOptions, definition: Definition) {
    this.kind = kind
    this.#id = id
    this.#clock = clock
    this.#readers = readers
    this.#checkpoints = new Checkpoints(readers, kind.name)
    this.#definition = definition
    this.#run = this.#newRun()
    if (definition.enabled) this.#start()
  }

  /** As it was left, or as a fresh database has it. */
  static async load(readers: Readers, options: ManagedOptions): Promise<ManagedProjection> {
    const { kind } = options
    const initial = initialDefinition(kind)
    try {
      const stored = readDefinition(readers, kind)
      if (stored === undefined) await writeDefinition(readers, kind, initial)
      return new ManagedProjection(readers, options, stored ?? initial)
    } catch (error) {
      const projection = new ManagedProjection(readers, options, { ...initial, enabled: false })
      projection.#flaw = error instanceof Error ? error : new Error(String(error))
      readers.report(`The projection ${kind.name} can't run: ${projection.#flaw.message}`)
      return projection
    }
  }

  get name(): string {
    return this.kind.name
  }

  get query(): string {
    return this.#definition.query
  }

  get status(): ProjectionStatus {
    return this.#flaw === undefined && this.#run.failure === undefined ? this.#status : 'Faulted'
  }

  get statistics(): Statistics {
    const { name, status } = this
    const { figures, failure, lost } = this.#run
    return statisticsOf({ name, status, ...this.#version, figures, failure: this.#flaw ?? failure, lost })
  }

  /** Goes on after its last checkpoint; one that has failed tries again. */
  enable(): Promise<void> {
    return this.#command(async () => {
      if (!this.#definition.enabled) await this.#save({ enabled: true })
      if (this.status === 'Running') return
      this.#restart()
    })
  }

  /** Without a checkpoint it is aborted, and goes over the same events again when it is enabled. */
  disable({ checkpoint }: { readonly checkpoint: boolean }): Promise<void> {
    return this.#command(async () => {
      await this.#stop({ checkpoint })
      if (this.#definition.enabled) await this.#save({ enabled: false })
    })
  }

  /** Does everything anew: what is in a stream so far is truncated as the first new link is written to it. */
  reset(): Promise<void> {
    return this.#command(async () => {
      await this.#stop({ checkpoint: false })
      const epoch = this.#definition.version + 1
      await this.#save({ epoch, version: epoch })
      this.#restart()
    })
  }

  /** Another configuration, from here on. Throws InvalidQueryError. */
  update(query: string): Promise<void> {
    return this.#command(async () => {
      this.#configured(query)
      await this.#stop({ checkpoint: true })
      await this.#save({ query, version: this.#definition.version + 1 })
      this.#restart()
    })
  }

  /** Stops for good; at the next start it is what it is now. */
  close(): Promise<void> {
    return this.#command(async () => {
      this.#closed = true
      try {
        await this.#stop({ checkpoint: true })
      } catch (error) {
        // The node can stop all the same: without the checkpoint the next start reads more, and that is all.
        const reason = error instanceof Error ? error.message : String(error)
        this.#readers.report(`The projection ${this.name} stops without a checkpoint: ${reason}`)
      }
    })
  }

  get #version(): ProjectionVersion {
    const { epoch, version } = this.#definition
    return { id: this.#id, epoch, version }
  }

  #configured(query: string): Project {
    const project = this.kind.configure(query)
    if (project !== undefined) return project
    throw new InvalidQueryError(
      `The projection '${this.name}' can't be configured by ${JSON.stringify(query)}.`,
    )
  }

  #newRun(): ProjectionRun {
    const project = this.#configured(this.#definition.query)
    const { name, index } = this.kind
    const options = { name, version: this.#version, project, index, clock: this.#clock }
    return new ProjectionRun(this.#readers, this.#checkpoints, options)
  }

  #start(): void {
    this.#run.start()
    this.#status = 'Running'
  }

  #restart(): void {
    this.#run = this.#newRun()
    this.#status = 'Stopped'
    if (this.#definition.enabled) this.#start()
  }

  async #stop({ checkpoint }: { readonly checkpoint: boolean }): Promise<void> {
    if (!this.#run.running) return
    this.#status = checkpoint ? 'Stopping' : 'Aborting'
    try {
      await this.#run.stop({ checkpoint })
    } finally {
      this.#status = checkpoint ? 'Stopped' : 'Aborted/Stopped'
    }
  }

  async #save(change: Partial<Definition>): Promise<void> {
    const definition = { ...this.#definition, ...change }
    await writeDefinition(this.#readers, this.kind, definition)
    this.#definition = definition
    this.#flaw = undefined
  }

  #command(work: () => Promise<void>): Promise<void> {
    const done = this.#commands.then(() => {
      if (this.#closed) throw new ClosedError(`The projection '${this.name}' is being restarted.`)
      return work()
    })
    // A command that fails tells whoever gave it; the next is not to suffer for it.
    this.#commands = done.catch(() => undefined)
    return done
  }
}
