import { Catalog } from './catalog.ts'
import type { Collection } from './collection.ts'
import { Cursors } from './cursors.ts'
import { Environment } from './environment.ts'
import { GroupCommit } from './group-commit.ts'
import { lockDirectory } from './lock.ts'

/** The whole engine: what collections there are, how they are written, which cursors are open. */
export class Store {
  readonly catalog: Catalog
  readonly cursors: Cursors
  readonly #environment: Environment
  readonly #commit: GroupCommit
  readonly #unlock: () => void

  constructor(directory: string, now: () => number) {
    this.#unlock = lockDirectory(directory)
    try {
      this.#environment = new Environment(directory)
      this.catalog = new Catalog(this.#environment)
    } catch (error) {
      this.#unlock()
      throw error
    }
    this.cursors = new Cursors(now)
    this.#commit = new GroupCommit(this.#environment, () => this.catalog.saveAll())
  }

  /**
   * Runs `decide` when all earlier writes are decided; resolves when its effects are on disk. The collections named are
   * made if they are missing.
   */
  write<T>(namespaces: readonly string[], decide: (collections: readonly Collection[]) => T): Promise<T> {
    const prepare = (): void => namespaces.forEach((namespace) => void this.catalog.ensure(namespace))
    return this.#commit.run(prepare, () =>
      decide(namespaces.map((namespace) => this.catalog.ensure(namespace))),
    )
  }

  /** As `write`, on a collection that need not be there (and isn't made). */
  change<T>(namespace: string, decide: (collection: Collection | undefined) => T): Promise<T> {
    return this.#commit.run(nothing, () => decide(this.catalog.get(namespace)))
  }

  async close(): Promise<void> {
    this.#commit.flush()
    await this.#environment.close()
    this.#unlock()
  }
}

function nothing(): void {
  // Nothing has to exist beforehand.
}
