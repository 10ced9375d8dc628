import { MongoError } from '../errors.ts'
import type { Catalog } from './catalog.ts'
import type { Collection, Index } from './collection.ts'
import type { Cursors } from './cursors.ts'
import type { GroupCommit } from '../../lmdb/group-commit.ts'
import { IndexBuild, entriesPerSlice } from './index-build.ts'
import type { IndexDefinition } from './index-definition.ts'
import type { Reaper } from './reaper.ts'

interface Parts {
  readonly catalog: Catalog
  readonly commit: GroupCommit
  readonly cursors: Cursors
  readonly reaper: Reaper
}

/** How many indexes there were before and after, that of `_id` included. */
export interface IndexesMade {
  readonly before: number
  readonly after: number
  readonly madeCollection: boolean
}

/**
 * Collections and indexes come, go and change their names, each time in one transaction, in the order of all writes.
 * Whoever was reading what goes hears of it.
 */
export class Definitions {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  create(namespace: string): Promise<void> {
    const { catalog, commit } = this.#parts
    const prepare = (): void => {
      if (catalog.get(namespace))
        throw new MongoError('NamespaceExists', `Collection ${namespace} already exists.`)
      catalog.ensure(namespace)
    }
    return commit.run({ prepare, decide: nothing, alone: true })
  }

  /** The collection that was there. */
  drop(namespace: string): Promise<Collection | undefined> {
    const { catalog, commit } = this.#parts
    return commit.run({
      alone: true,
      decide: () => {
        const collection = catalog.get(namespace)
        if (collection) catalog.erase(collection)
        return collection
      },
      committed: (collection) => collection && this.#dropped(collection),
    })
  }

  rename(from: string, to: string, dropTarget: boolean): Promise<void> {
    const { catalog, commit } = this.#parts
    let plan: { source: Collection; target: Collection | undefined; renamed: Collection } | undefined
    return commit.run({
      alone: true,
      prepare: () => {
        const source = catalog.get(from)
        const target = catalog.get(to)
        if (source === undefined)
          throw new MongoError('NamespaceNotFound', `Source collection ${from} does not exist`)
        if (target && !dropTarget) throw new MongoError('NamespaceExists', 'target namespace exists')
        if (source.builds.size > 0)
          throw new MongoError(
            'BackgroundOperationInProgressForNamespace',
            `cannot perform operation: an index build is currently running for collection '${from}'`,
          )
        plan = { source, target, renamed: catalog.renamed(source, to) }
      },
      decide: () => {
        if (plan === undefined) return
        catalog.erase(plan.source)
        catalog.save(plan.renamed)
      },
      committed: () => {
        if (plan === undefined) return
        const { source, target, renamed } = plan
        if (target) this.#dropped(target)
        this.#ended(source, `collection renamed from '${from}' to '${to}'`)
        catalog.add(renamed)
      },
    })
  }

  /**
   * Makes the indexes that `missing` says are to be made, all or none. It is asked when all that was begun earlier is
   * done, and may refuse.
   */
  async createIndexes(
    namespace: string,
    missing: (collection: Collection) => readonly IndexDefinition[],
  ): Promise<IndexesMade> {
    const { catalog, commit } = this.#parts
    const madeCollection = catalog.get(namespace) === undefined
    const prepare = (): Begun | undefined => {
      const collection = catalog.ensure(namespace)
      const [earlier] = collection.builds
      if (earlier) return { collection, earlier }
      const definitions = missing(collection)
      if (definitions.length === 0) return { collection }
      const build = new IndexBuild(collection, catalog.newIndexes(definitions))
      collection.builds.add(build)
      return { collection, build }
    }
    for (;;) {
      let begun: Begun | undefined
      await commit.run({ prepare: () => void (begun = prepare()), decide: nothing, alone: true })
      if (begun?.earlier) await begun.earlier.over
      else if (begun) {
        const before = begun.collection.indexes.length + 1
        if (begun.build) await this.#build(begun.collection, begun.build)
        return { before, after: begun.collection.indexes.length + 1, madeCollection }
      }
    }
  }

  /** Drops the indexes that `chosen` names, and ends the building of those that it says; answers how many there were. */
  dropIndexes(namespace: string, chosen: (collection: Collection) => readonly Index[]): Promise<number> {
    const { catalog, commit, cursors, reaper } = this.#parts
    let collection: Collection | undefined
    let dropped: readonly Index[] = []
    let kept: readonly Index[] = []
    return commit.run({
      alone: true,
      prepare: () => {
        collection = catalog.get(namespace)
        if (collection === undefined) throw new MongoError('NamespaceNotFound', `ns not found ${namespace}`)
        dropped = chosen(collection)
        kept = collection.indexes.filter((index) => !dropped.includes(index))
      },
      decide: () => {
        if (collection && dropped.length > 0) catalog.save(collection, kept)
        return (collection?.indexes.length ?? 0) + 1
      },
      committed: () => {
        if (collection === undefined || dropped.length === 0) return
        for (const index of dropped) index.dropped = true
        collection.indexes = kept
        cursors.forget(namespace, 'index dropped')
        reaper.take(dropped.map(({ table }) => table))
      },
    })
  }

  async #build(collection: Collection, build: IndexBuild): Promise<void> {
    const { catalog, commit, reaper } = this.#parts
    const indexes = [...collection.indexes, ...build.indexes]
    try {
      while (!build.isComplete) {
        while (!(await commit.run({ decide: () => build.read() })));
        build.check()
        while (!(await commit.run({ decide: () => build.write(), writes: entriesPerSlice })));
        build.check()
      }
      await commit.run({
        alone: true,
        prepare: () => build.check(),
        decide: () => catalog.save(collection, indexes),
        committed: () => {
          collection.indexes = indexes
          collection.builds.delete(build)
        },
      })
    } catch (error) {
      reaper.take(build.indexes.map(({ table }) => table))
      throw error
    } finally {
      collection.builds.delete(build)
      build.finish()
    }
  }

  #dropped(collection: Collection): void {
    this.#ended(collection, 'collection dropped')
    const { documents, primary, indexes } = collection
    this.#parts.reaper.take([documents, ...[primary, ...indexes].map(({ table }) => table)])
  }

  #ended(collection: Collection, reason: string): void {
    collection.end(reason)
    this.#parts.catalog.forget(collection)
    this.#parts.cursors.forget(collection.namespace, reason)
  }
}

interface Begun {
  readonly collection: Collection
  /** Another one of the same collection, which is to end first. */
  readonly earlier?: IndexBuild
  readonly build?: IndexBuild
}

function nothing(): void {
  // All has been done in the preparation.
}
