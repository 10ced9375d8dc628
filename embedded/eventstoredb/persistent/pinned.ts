import { linkType, parseTarget } from '../log/links.ts'
import type { GroupClient } from './client.ts'
import { originalOf, type Message } from './message.ts'
import type { Strategy } from './strategy.ts'

const bucketCount = 1024

/**
 * Messages with one key go to one client, as long as it stays. Keys share buckets, and a bucket belongs to the
 * client that had the fewest when it was first needed. A newcomer takes over what others have beyond their share.
 */
export class Pinned implements Strategy {
  readonly name: string
  readonly blocks = false
  readonly #keyOf: (message: Message) => string
  readonly #owners = new Map<number, GroupClient>()
  readonly #bucketsOf = new Map<GroupClient, Set<number>>()

  constructor(name: string, keyOf: (message: Message) => string) {
    this.name = name
    this.#keyOf = keyOf
  }

  join(client: GroupClient): void {
    const own = new Set<number>()
    this.#bucketsOf.set(client, own)
    const share = Math.ceil(this.#owners.size / this.#bucketsOf.size)
    for (const [, buckets] of this.#bucketsOf) {
      for (const bucket of buckets) {
        if (buckets.size <= share || own.size >= share) break
        buckets.delete(bucket)
        own.add(bucket)
        this.#owners.set(bucket, client)
      }
    }
  }

  leave(client: GroupClient): void {
    for (const bucket of this.#bucketsOf.get(client) ?? []) this.#owners.delete(bucket)
    this.#bucketsOf.delete(client)
  }

  choose(message: Message): GroupClient | undefined {
    message.bucket ??= hash(this.#keyOf(message)) % bucketCount
    const owner = this.#owners.get(message.bucket) ?? this.#bind(message.bucket)
    return owner?.ready === true ? owner : undefined
  }

  #bind(bucket: number): GroupClient | undefined {
    let least: readonly [GroupClient, Set<number>] | undefined
    for (const entry of this.#bucketsOf) {
      if (least === undefined || entry[1].size < least[1].size) least = entry
    }
    if (least === undefined) return undefined
    const [client, buckets] = least
    buckets.add(bucket)
    this.#owners.set(bucket, client)
    return client
  }
}

/** For a link the stream that it points to, also if its target is gone. */
export function sourceStreamOf(message: Message): string {
  if (message.event !== undefined && message.link !== undefined) return message.event.stream
  const original = originalOf(message)
  if (original?.type === linkType) {
    return parseTarget(original.body.data.toString('utf8'))?.stream ?? original.stream
  }
  return original?.stream ?? ''
}

/** `$correlationId` of the event's metadata, if that is JSON and has one. */
export function correlationOf(message: Message): string | undefined {
  const metadata = (message.event ?? message.link)?.body.metadata
  if (metadata === undefined || metadata.length === 0) return undefined
  const parsed = parseJson(metadata.toString('utf8'))
  if (typeof parsed !== 'object' || parsed === null || !('$correlationId' in parsed)) return undefined
  return typeof parsed.$correlationId === 'string' ? parsed.$correlationId : undefined
}

/** Metadata is whatever its writer likes, so what is no JSON is no error here. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
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
