import { MongoClient, MongoServerError } from 'mongodb'
import type { Db, Document } from 'mongodb'
import { z } from 'zod'
import { readModels } from '../projections/readModels.ts'
import type { ReadModels } from '../projections/readModels.ts'

/** What a query of the read models made the server look at. */
export interface Examined {
  readonly documents: number
  readonly keys: number
}

const Explained = z.object({
  executionStats: z.object({ totalDocsExamined: z.number(), totalKeysExamined: z.number() }),
})
/** CommandNotFound */
const UNKNOWN = 59
/** What the driver adds to every command. */
const OF_SESSIONS = new Set(['lsid', '$db', '$clusterTime', '$readPreference', 'maxTimeMS'])

/**
 * Has the server explain the queries that the read models send, as they send them; undefined where it can't explain.
 */
export const explaining = async (url: string, database: string) => {
  const mongo = await new MongoClient(url, { monitorCommands: true }).connect()
  const db = mongo.db(database)
  const models = readModels({ db, deadline: 10_000 })
  let sent: Document[] = []
  mongo.on('commandStarted', ({ commandName, command }) => {
    if (commandName === 'find') sent.push(command)
  })
  const examined = async (find: Document): Promise<Examined> => {
    const explain = Object.fromEntries(Object.entries(find).filter(([name]) => !OF_SESSIONS.has(name)))
    const { executionStats } = Explained.parse(await db.command({ explain, verbosity: 'executionStats' }))
    return { documents: executionStats.totalDocsExamined, keys: executionStats.totalKeysExamined }
  }
  return {
    /** Of all that the query sends. */
    of: async (query: (models: ReadModels, db: Db) => Promise<unknown>): Promise<Examined | undefined> => {
      sent = []
      await query(models, db)
      try {
        let [documents, keys] = [0, 0]
        for (const find of sent) {
          const one = await examined(find)
          documents += one.documents
          keys += one.keys
        }
        return { documents, keys }
      } catch (fault) {
        if (fault instanceof MongoServerError && fault.code === UNKNOWN) return undefined
        throw fault
      }
    },
    close: () => mongo.close(),
  }
}
export type Explaining = Awaited<ReturnType<typeof explaining>>
