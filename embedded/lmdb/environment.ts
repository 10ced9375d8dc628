import { open, type Database, type RootDatabase, type Transaction } from 'lmdb'
import { z } from 'zod'

/** An ordered table of bytes by bytes. */
export type Table = Database<Buffer, Buffer>

/** A moment that can be read while later writes go on; the pages of that moment are kept until it is released. */
export interface Snapshot {
  readonly transaction: Transaction
  readonly release: () => void
}

const tableOptions = { keyEncoding: 'binary', encoding: 'binary' } as const
const mostTables = 4096
const mostMapped = 64 * 1024 ** 3
const statsShape = z.object({
  entryCount: z.number(),
  pageSize: z.number(),
  treeBranchPageCount: z.number(),
  treeLeafPageCount: z.number(),
  overflowPages: z.number(),
})

/** The one LMDB environment below everything: tables, and transactions that are on disk when they return. */
export class Environment {
  readonly directory: string
  readonly #root: RootDatabase<Buffer, Buffer>

  constructor(directory: string) {
    this.directory = directory
    // overlappingSync off: a commit has been flushed when it returns. It costs LMDB two flushes, and nothing is ever
    // visible to anybody before it is durable.
    this.#root = open<Buffer, Buffer>({
      path: directory,
      noSubdir: false,
      maxDbs: mostTables,
      overlappingSync: false,
      // Otherwise LMDB waits for more writes of the same turn, and a commit that fails rejects a promise nobody has.
      eventTurnBatching: false,
      // Saves clearing every new page: what is left in its unused part is this node's own old data.
      noMemInit: true,
      // Addresses, not memory: otherwise each growth of the file maps it once more. LMDB goes beyond by itself.
      mapSize: mostMapped,
      ...tableOptions,
    })
  }

  /** Opens or makes a table. Never inside a transaction: LMDB would forget the table if that were undone. */
  table(name: string): Table {
    return this.#root.openDB<Buffer, Buffer>({ name, ...tableOptions })
  }

  tableNames(): string[] {
    return [...this.#root.getKeys()].map((key) => key.toString().replace(/\0$/, ''))
  }

  /** Runs the writes as one transaction, on disk on return, undone if it throws. */
  commit<T>(writes: () => T): T {
    return this.#root.transactionSync(writes)
  }

  /** As `commit`, but the flush happens in another thread, and reads go on meanwhile. */
  async commitAside<T>(writes: () => T): Promise<T> {
    try {
      // A child, since only what is one can be undone.
      return await this.#root.childTransaction(writes)
    } catch (error) {
      throw await reasonOf(error)
    }
  }

  /** What is committed now, for as long as it is held. */
  snapshot(): Snapshot {
    const transaction = this.#root.useReadTransaction()
    return { transaction, release: () => transaction.done() }
  }

  close(): Promise<void> {
    return this.#root.close()
  }
}

/** LMDB tells why a commit failed by a promise that rejects. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error && error.commitError instanceof Promise))
    return error
  try {
    await error.commitError
    return error
  } catch (reason) {
    return reason
  }
}

export function entryCount(table: Table): number {
  return statsShape.parse(table.getStats()).entryCount
}

/** The bytes of the pages that a table has. */
export function sizeOf(table: Table): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = statsShape.parse(
    table.getStats(),
  )
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages)
}
