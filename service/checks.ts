import type { EventStoreDBClient } from '@eventstore/db-client'
import type { MongoClient } from 'mongodb'
import { within } from '../eventstore/deadline.ts'
import { headOfLog } from '../eventstore/read.ts'

/** Something that a service needs in order to be of use; `run` throws, saying why, when it is not so. */
export interface Check {
  readonly name: string
  readonly run: () => Promise<unknown>
}

export interface CheckResult {
  readonly ok: boolean
  readonly reason?: string
}

export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, CheckResult>>
}

/** A check that has not answered by then counts as failed. */
const CHECK_DEADLINE = 2_000

/** Runs all checks at once, each with its deadline. */
export const readinessOf = async (checks: readonly Check[]): Promise<Readiness> => {
  const results = await Promise.all(
    checks.map(async ({ name, run }): Promise<readonly [string, CheckResult]> => {
      try {
        await within(CHECK_DEADLINE, name, run())
        return [name, { ok: true }]
      } catch (fault) {
        return [name, { ok: false, reason: fault instanceof Error ? fault.message : String(fault) }]
      }
    }),
  )
  return { ready: results.every(([, { ok }]) => ok), checks: Object.fromEntries(results) }
}

/** EventStoreDB answers a read of its log. */
export const eventStoreAnswers = (client: EventStoreDBClient): Check => ({
  name: 'eventstore',
  run: () => headOfLog(client),
})

/** MongoDB answers a ping. */
export const mongoAnswers = (client: MongoClient): Check => ({
  name: 'mongodb',
  run: () => client.db('admin').command({ ping: 1 }),
})
