import { linkType, parseTarget } from '../log/links.ts'
import type { GroupClient } from './client.ts'
import { originalOf, type Message } from './message.ts'

/** Decides which client gets a message. */
export interface Strategy {
  readonly name: string
  /** Whether a message that nobody can take now keeps those after it waiting. */
  readonly blocks: boolean
  join(client: GroupClient): void
  leave(client: GroupClient): void
  choose(message: Message): GroupClient | undefined
}

export const strategyNames = ['RoundRobin', 'DispatchToSingle', 'Pinned', 'PinnedByCorrelation'] as const

export function createStrategy(name: string): Strategy | undefined {
  switch (name) {
    case 'RoundRobin':
      return new InTurn(name, true)
    case 'DispatchToSingle':
      return new InTurn(name, false)
    case 'Pinned':
      return new Pinned(name, sourceStream)
    case 'PinnedByCorrelation':
      return new Pinned(name, (message) => correlationOf(message) ?? sourceStream(message))
    default:
      return undefined
  }
}

/** The first client in line with a free slot; round-robin sends it to the end of the line. */
class InTurn implements Strategy {
  readonly name: string
  readonly blocks = true
  readonly #rotates: boolean
  #line: GroupClient[] = []

  constructor(name: string, rotates: boolean) {
    this.name = name
    this.#rotates = rotates
  }

  join(client: GroupClient): void {
    this.#line.push(client)
  }

  leave(client: GroupClient): void {
    this.#line = this.#line.filter((other) => other !== client)
  }

  choose(): GroupClient | undefined {
    const index = this.#line.findIndex((client) => client.freeSlots > 0)
    const chosen = this.#line[index]
    if (chosen !== undefined && this.#rotates) {
      this.#line.splice(index, 1)
      this.#line.push(chosen)
    }
    return chosen
  }
}

const bucketCount = 1024

/** Messages with one key go to one client, as long as it stays. */
class Pinned implements Strategy {
  readonly name: string
  readonly blocks = false
  readonly #keyOf: (message: Message) => string
  readonly #buckets: (GroupClient | undefined)[] = []
  #clients: GroupClient[] = []

  constructor(name: string, keyOf: (message: Message) => string) {
    this.name = name
    this.#keyOf = keyOf
  }

  join(client: GroupClient): void {
    this.#clients.push(client)
    this.#buckets.fill(undefined)
  }

  leave(client: GroupClient): void {
    this.#clients = this.#clients.filter((other) => other !== client)
    for (const [bucket, owner] of this.#buckets.entries()) {
      if (owner === client) this.#buckets[bucket] = undefined
    }
  }

  choose(message: Message): GroupClient | undefined {
    const bucket = hash(this.#keyOf(message)) % bucketCount
    const owner = this.#buckets[bucket] ?? this.#bind(bucket)
    return owner !== undefined && owner.freeSlots > 0 ? owner : undefined
  }

  #bind(bucket: number): GroupClient | undefined {
    const owned = new Map(this.#clients.map((client) => [client, 0]))
    for (const owner of this.#buckets) if (owner !== undefined) owned.set(owner, (owned.get(owner) ?? 0) + 1)
    let least: GroupClient | undefined
    for (const [client, count] of owned) {
      if (least === undefined || count < (owned.get(least) ?? 0)) least = client
    }
    this.#buckets[bucket] = least
    return least
  }
}

/** For a link the stream that it points to, also if its target is gone. */
function sourceStream(message: Message): string {
  if (message.event !== undefined && message.link !== undefined) return message.event.stream
  const original = originalOf(message)
  if (original?.type === linkType) {
    return parseTarget(original.body.data.toString('utf8'))?.stream ?? original.stream
  }
  return original?.stream ?? ''
}

function correlationOf(message: Message): string | undefined {
  const metadata = (message.event ?? message.link)?.body.metadata
  if (metadata === undefined || metadata.length === 0) return undefined
  try {
    const parsed: unknown = JSON.parse(metadata.toString('utf8'))
    if (typeof parsed !== 'object' || parsed === null || !('$correlationId' in parsed)) return undefined
    return typeof parsed.$correlationId === 'string' ? parsed.$correlationId : undefined
  } catch {
    return undefined
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return value
}
