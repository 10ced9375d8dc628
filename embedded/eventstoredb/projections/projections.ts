import { ManagedProjection } from './managed-projection.ts'
import type { Readers } from './readers.ts'
import { register } from './stored-definitions.ts'
import { systemProjections } from './system-projections.ts'

/** All projections of the node. What they are and how far they have come is kept in streams of the log. */
export class Projections {
  readonly #readers: Readers
  readonly #clock: () => number
  #projections: ReadonlyMap<string, ManagedProjection> = new Map()
  #restarting: Promise<void> = Promise.resolve()

  private constructor(readers: Readers, clock: () => number) {
    this.#readers = readers
    this.#clock = clock
  }

  static async start(readers: Readers, clock: () => number = () => performance.now()): Promise<Projections> {
    const projections = new Projections(readers, clock)
    await projections.#load()
    return projections
  }

  get(name: string): ManagedProjection | undefined {
    return this.#projections.get(name)
  }

  all(): ManagedProjection[] {
    return [...this.#projections.values()]
  }

  /** Starts all of them anew from what is stored, as after a restart of the node. */
  restart(): Promise<void> {
    const restarted = this.#restarting.then(async () => {
      await this.stop()
      await this.#load()
    })
    this.#restarting = restarted.catch(() => undefined)
    return restarted
  }

  /** Finishes what is being written, and notes how far they have come. */
  async stop(): Promise<void> {
    await Promise.all(this.all().map((projection) => projection.close()))
  }

  async #load(): Promise<void> {
    const names = systemProjections.map(({ name }) => name)
    const numbers = await register(this.#readers, names)
    const projections = new Map<string, ManagedProjection>()
    for (const kind of systemProjections) {
      const id = numbers.get(kind.name)
      if (id === undefined) throw new Error(`The projection ${kind.name} could not be registered.`)
      const options = { kind, id, clock: this.#clock }
      projections.set(kind.name, await ManagedProjection.load(this.#readers, options))
    }
    this.#projections = projections
  }
}
