import type { GroupClient } from './client.ts'
import { InTurn } from './in-turn.ts'
import type { Message } from './message.ts'
import { correlationOf, Pinned, sourceStreamOf } from './pinned.ts'

/** Decides which client gets a message. */
export interface Strategy {
  readonly name: string
  /** Whether a message that nobody can take now keeps those after it waiting. */
  readonly blocks: boolean
  join(client: GroupClient): void
  leave(client: GroupClient): void
  choose(message: Message): GroupClient | undefined
}

export function createStrategy(name: string): Strategy | undefined {
  switch (name) {
    case 'RoundRobin':
      return new InTurn(name, { afterEach: true })
    case 'DispatchToSingle':
      return new InTurn(name, { afterEach: false })
    case 'Pinned':
      return new Pinned(name, sourceStreamOf)
    case 'PinnedByCorrelation':
      return new Pinned(name, (message) => correlationOf(message) ?? sourceStreamOf(message))
    default:
      return undefined
  }
}
