import { EventRecord } from '../log/event-record.ts'
import { ownEvent } from '../log/own-events.ts'
import { GroupClient, type Parting } from './client.ts'
import { ConsumerGroup } from './consumer-group.ts'
import type { Message } from './message.ts'
import { Progress } from './progress.ts'
import { Rate } from './rate.ts'
import { createStrategy } from './strategy.ts'

/** For tests of the rules: clients that note what they get, and a group whose effects are lists. */
export class Consumer extends GroupClient {
  /** `id`, or `id+retries` when tried again. */
  readonly got: string[]
  /** What it has been sent and hasn't answered, as far as it knows. */
  readonly held: string[]
  readonly partings: Parting[]
  readonly connection: { congested: boolean }

  constructor(bufferSize = 10, { statistics = false } = {}) {
    const got: string[] = []
    const held: string[] = []
    const partings: Parting[] = []
    const connection = { congested: false }
    super({ name: 'test', username: 'tester', bufferSize, statistics }, 0, {
      get congested() {
        return connection.congested
      },
      send: ({ id, retryCount }) => {
        got.push(retryCount === 0 ? id : `${id}+${retryCount}`)
        held.push(id)
      },
      part: (parting) => partings.push(parting),
    })
    this.got = got
    this.held = held
    this.partings = partings
    this.connection = connection
  }
}

export interface Harness {
  readonly group: ConsumerGroup
  readonly progress: Progress
  readonly parked: string[]
  /** Whether parking fails. */
  readonly trouble: { error: Error | undefined }
  readonly enqueue: (...ids: string[]) => void
}

export function harness(strategyName = 'RoundRobin', maxRetryCount = 2): Harness {
  const strategy = createStrategy(strategyName)
  if (strategy === undefined) throw new Error(strategyName)
  const parked: string[] = []
  const trouble: Harness['trouble'] = { error: undefined }
  const progress = new Progress()
  const settings = { maxRetryCount, maxSubscribers: 0, messageTimeoutMs: 1000 }
  const group = new ConsumerGroup(settings, strategy, new Rate(0), {
    park: (message, reason, kept) => {
      if (trouble.error === undefined) parked.push(`${message.id}: ${reason}`)
      kept(trouble.error)
    },
    onProgress: () => undefined,
  })
  const enqueue = (...ids: string[]): void => {
    for (const [sequence, id] of ids.entries()) group.enqueue(messageOf(progress, id, { sequence }))
  }
  return { group, progress, parked, trouble, enqueue }
}

export function messageOf(
  progress: Progress,
  id: string,
  { sequence = 0, stream = 'a', metadata = '' } = {},
): Message {
  const proposed = { ...ownEvent('Happened', '{}'), metadata: Buffer.from(metadata) }
  const event = EventRecord.propose(proposed, stream, sequence, 1 + sequence)
  const step = progress.begin(sequence)
  return { id, sequence, event, link: undefined, retryCount: 0, step, bucket: undefined }
}
