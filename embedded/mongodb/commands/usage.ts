import type { Arguments } from './arguments.ts'
import type { Operation } from '../engine/operation.ts'

export const kinds = ['queries', 'getmore', 'insert', 'update', 'remove', 'commands'] as const
export type Kind = (typeof kinds)[number]

interface Share {
  count: number
  /** Microseconds. */
  time: number
}

/** A command that didn't end in its first slice. */
export interface Running {
  readonly operation: Operation
  readonly connectionId: number
  readonly namespace: string
}

const kindsOfCommands: Readonly<Record<string, Kind>> = {
  find: 'queries',
  getMore: 'getmore',
  insert: 'insert',
  update: 'update',
  findAndModify: 'update',
  delete: 'remove',
}

const ofCollections = new Set(
  'aggregate bulkWrite collStats count create createIndexes delete distinct drop dropIndexes find findAndModify insert listIndexes update validate'.split(
    ' ',
  ),
)

/** The collection that a command is about, as far as it has one. */
export function collectionOfCommand(command: string, args: Arguments): string | undefined {
  const value =
    command === 'getMore' ? args.value('collection') : ofCollections.has(command) && args.value(command)
  return typeof value === 'string' ? value : undefined
}

/** What the node has been asked since it started, and what it is working on. */
export class Usage {
  readonly commands = new Map<string, number>()
  readonly running = new Map<number, Running>()
  readonly #namespaces = new Map<string, Map<Kind, Share>>()

  count(command: string): void {
    this.commands.set(command, (this.commands.get(command) ?? 0) + 1)
  }

  /** What serverStatus calls opcounters. */
  get operations(): Record<'insert' | 'query' | 'update' | 'delete' | 'getmore' | 'command', number> {
    const of = (...names: string[]): number =>
      names.reduce((sum, name) => sum + (this.commands.get(name) ?? 0), 0)
    const counted = {
      insert: of('insert'),
      query: of('find'),
      update: of('update', 'findAndModify'),
      delete: of('delete'),
      getmore: of('getMore'),
    }
    const all = [...this.commands.values()].reduce((sum, count) => sum + count, 0)
    const others = all - Object.values(counted).reduce((sum, count) => sum + count, 0)
    return { ...counted, command: others }
  }

  record({ command, milliseconds }: Operation, namespace: string): void {
    const kind = kindsOfCommands[command] ?? 'commands'
    let shares = this.#namespaces.get(namespace)
    if (shares === undefined) this.#namespaces.set(namespace, (shares = new Map<Kind, Share>()))
    const share = shares.get(kind)
    const time = milliseconds * 1_000
    if (share === undefined) shares.set(kind, { count: 1, time })
    else {
      share.count++
      share.time += time
    }
  }

  forget(namespace: string): void {
    this.#namespaces.delete(namespace)
  }

  /** By namespace and kind, in whole microseconds, as `top` shows it. */
  *top(): Iterable<[namespace: string, shares: ReadonlyMap<Kind, Share>]> {
    for (const [namespace, shares] of this.#namespaces)
      yield [
        namespace,
        new Map([...shares].map(([kind, { count, time }]) => [kind, { count, time: Math.round(time) }])),
      ]
  }

  /** Ends what a client that went away was waiting for. */
  abandon(connection: number): void {
    for (const { connectionId, operation } of this.running.values())
      if (connectionId === connection) operation.kill()
  }
}
