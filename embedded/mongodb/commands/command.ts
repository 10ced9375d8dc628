import type { RawDocument } from '../bson/types.ts'
import type { Operation } from '../engine/operation.ts'
import type { Store } from '../engine/store.ts'
import type { Arguments } from './arguments.ts'
import type { Usage } from './usage.ts'

/** What a command works with besides its arguments. */
export interface Context {
  readonly store: Store
  readonly node: NodeFacts
  /** The database that the command is sent to. */
  readonly database: string
  readonly connectionId: number
  readonly operation: Operation
}

export interface Traffic {
  readonly bytesIn: number
  readonly bytesOut: number
}

/** What the node tells about itself. */
export interface NodeFacts {
  readonly started: Date
  readonly host: string
  readonly port: number
  readonly directory: string
  readonly connections: () => { readonly current: number; readonly totalCreated: number }
  readonly traffic: () => Traffic
  readonly usage: Usage
}

export type Command = (args: Arguments, context: Context) => RawDocument | Promise<RawDocument>

export type Commands = Readonly<Record<string, Command>>

/** The version of MongoDB whose commands and answers are spoken here. */
export const serverVersion = '8.0.0'
/** Wire version of MongoDB 8.0, the first with the bulkWrite command across collections. */
export const wireVersion = 25
export const mostWritesPerBatch = 100_000
