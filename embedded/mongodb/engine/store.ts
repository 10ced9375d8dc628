import { MongoError } from '../errors.ts'
import { Catalog } from './catalog.ts'
import type { Collection } from './collection.ts'
import { Cursors } from './cursors.ts'
import { Definitions } from './definitions.ts'
import { Environment } from '../../lmdb/environment.ts'
import { GroupCommit } from '../../lmdb/group-commit.ts'
import { lockDirectory } from '../../lmdb/lock.ts'

import { Reaper } from './reaper.ts'
import { TtlMonitor } from './ttl.ts'
import { validate, type Validation } from './validate.ts'

/** The whole engine: what collections there are, how they are written, which cursors are open. */
export class Store {
  readonly catalog: Catalog
  readonly cursors: Cursors
  readonly definitions: Definitions
  readonly ttl: TtlMonitor
  readonly #environment: Environment
  readonly #commit: GroupCommit
  readonly #reaper: Reaper
  readonly #unlock: () => void

  constructor(directory: string, now: () => number, ttlInterval?: number) {
    this.#unlock = lockDirectory(directory)
    try {
      this.#environment = new Environment(directory)
      this.catalog = new Catalog(this.#environment)
    } catch (error) {
      this.#unlock()
      throw error
    }
    this.cursors = new Cursors(now)
    this.#commit = new GroupCommit(this.#environment, () => this.#undone())
    this.#reaper = new Reaper(this.#commit)
    this.#reaper.take(this.catalog.unknownTables())
    const { catalog, cursors } = this
    this.definitions = new Definitions({ catalog, cursors, commit: this.#commit, reaper: this.#reaper })
    this.ttl = new TtlMonitor(catalog, this.#commit, now, ttlInterval)
  }

  /**
   * Runs `decide` when all earlier writes are decided; resolves when its effects are on disk. The collections named are
   * made if they are missing. `writes` is about how many documents it writes.
   */
  write<T>(
    namespaces: readonly string[],
    decide: (collections: readonly Collection[]) => T,
    writes = 1,
  ): Promise<T> {
    const ensured = (): Collection[] => namespaces.map((namespace) => this.catalog.ensure(namespace))
    return this.#commit.run({ prepare: () => void ensured(), decide: () => decide(ensured()), writes })
  }

  /** As `write`, on a collection that need not be there (and isn't made). */
  change<T>(namespace: string, decide: (collection: Collection | undefined) => T, writes = 1): Promise<T> {
    return this.#commit.run({ decide: () => decide(this.catalog.get(namespace)), writes })
  }

  /** Holds a collection against its indexes, as both are now, while writes go on. */
  async validate(collection: Collection): Promise<Validation> {
    const snapshot = this.#environment.snapshot()
    try {
      return await validate(collection, snapshot)
    } finally {
      snapshot.release()
    }
  }

  async close(): Promise<void> {
    await this.ttl.stop()
    await this.#reaper.stop()
    await this.#commit.idle()
    await this.#environment.close()
    this.#unlock()
  }

  #undone(): void {
    this.catalog.restore()
    for (const { builds } of this.catalog.all())
      for (const build of builds)
        build.fail(new MongoError('OperationFailed', 'Index build failed: a write that it shared was undone'))
  }
}
