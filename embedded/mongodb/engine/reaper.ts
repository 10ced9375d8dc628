import type { Table } from '../../lmdb/environment.ts'
import type { GroupCommit } from '../../lmdb/group-commit.ts'

const entriesPerSlice = 300

/**
 * Gives back the pages of tables that nobody knows any more. Done at once it would keep everybody waiting for as long
 * as the table is large, and leave a list of free pages that each later commit would have to carry along.
 */
export class Reaper {
  readonly #commit: GroupCommit
  readonly #tables: Table[] = []
  #working: Promise<void> | undefined
  #stopped = false

  constructor(commit: GroupCommit) {
    this.#commit = commit
  }

  take(tables: readonly Table[]): void {
    this.#tables.push(...tables)
    if (this.#stopped || this.#tables.length === 0) return
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined
      // What came while it was ending.
      this.take([])
    })
  }

  /** What is left over is taken up again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#working
  }

  async #work(): Promise<void> {
    try {
      for (let table = this.#tables.shift(); table && !this.#stopped; table = this.#tables.shift())
        await this.#remove(table)
    } catch (error) {
      console.error('mongodb: a dropped table could not be removed; the next start tries again:', error)
    }
  }

  async #remove(table: Table): Promise<void> {
    const slice = { decide: () => removeFirst(table), writes: entriesPerSlice }
    while ((await this.#commit.run(slice)) === entriesPerSlice) if (this.#stopped) return
    await this.#commit.run({ prepare: () => table.dropSync(), decide: () => undefined, alone: true })
  }
}

function removeFirst(table: Table): number {
  const keys = [...table.getKeys({ limit: entriesPerSlice })]
  for (const key of keys) table.removeSync(key)
  return keys.length
}
