import { Expected } from '../log/commit-check.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import { RunningGroup } from './running-group.ts'
import {
  checkpointStream,
  configStream,
  decodeConfig,
  encodeConfig,
  groupKey,
  parkedStream,
  type GroupConfig,
} from './settings.ts'
import type { Readers } from './source.ts'
import { createStrategy } from './strategy.ts'

const tickMs = 1000

/** All groups of the node. Each change of one writes the whole configuration to its stream. */
export class GroupRegistry {
  readonly #readers: Readers
  readonly #now: () => number
  readonly #groups = new Map<string, RunningGroup>()
  /** Sources that have had a group: their list may be empty, others are unknown. */
  readonly #sources = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(readers: Readers, now: () => number = Date.now) {
    this.#readers = readers
    this.#now = now
    const stored = readers.streams.last(configStream)
    if (stored !== undefined) {
      for (const config of decodeConfig(stored.body.data.toString('utf8'))) this.#run(config)
    }
    this.#timer = setInterval(() => {
      for (const group of this.#groups.values()) group.tick()
    }, tickMs)
  }

  get(stream: string, group: string): RunningGroup | undefined {
    return this.#groups.get(groupKey(stream, group))
  }

  all(): RunningGroup[] {
    return [...this.#groups.values()]
  }

  /** Undefined for a source that never had a group. */
  ofSource(stream: string): RunningGroup[] | undefined {
    if (!this.#sources.has(stream)) return undefined
    return this.all().filter((group) => group.config.stream === stream)
  }

  async create(config: GroupConfig): Promise<void> {
    this.#run(config)
    await this.#save()
  }

  /** New settings for a group, which goes on after its checkpoint. */
  async update(config: GroupConfig): Promise<void> {
    this.get(config.stream, config.group)?.stop()
    this.#run(config)
    await this.#save()
  }

  async remove(group: RunningGroup): Promise<void> {
    group.stop()
    this.#groups.delete(groupKey(group.config.stream, group.config.group))
    await this.#save()
    await this.#delete(checkpointStream(group.config))
    await this.#delete(parkedStream(group.config))
  }

  /** Starts all groups anew from what is stored, as after a restart of the node. */
  restart(): void {
    const configs = this.all().map((group) => group.config)
    for (const group of this.#groups.values()) group.stop()
    this.#groups.clear()
    this.#sources.clear()
    for (const config of configs) this.#run(config)
  }

  stop(): void {
    clearInterval(this.#timer)
    for (const group of this.#groups.values()) group.stop()
  }

  #run(config: GroupConfig): void {
    const strategy = createStrategy(config.settings.strategy)
    if (strategy === undefined) throw new Error(`Unknown consumer strategy ${config.settings.strategy}.`)
    this.#sources.add(config.stream)
    const group = new RunningGroup(this.#readers, config, strategy, this.#now)
    this.#groups.set(groupKey(config.stream, config.group), group)
  }

  async #save(): Promise<void> {
    const { log } = this.#readers
    if (log.heads.get(configStream).revision < 0) {
      await this.#append(metadataStream(configStream), [proposeMetadata('{"$maxCount":2}')])
    }
    const json = encodeConfig(
      this.all().map((group) => group.config),
      new Date(this.#now()),
    )
    await this.#append(configStream, [ownEvent('$PersistentConfig', json)])
  }

  #append(stream: string, events: ReturnType<typeof ownEvent>[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#readers.log.append({ stream, expected: Expected.any, events }, (result) => {
        if (result.kind === 'appended') resolve()
        else reject(new Error(`The stream ${stream} can't be written to: ${result.kind}`))
      })
    })
  }

  /** Soft, and nothing to do if the stream never was. */
  #delete(stream: string): Promise<void> {
    return new Promise((resolve) => this.#readers.log.delete(stream, Expected.any, () => resolve()))
  }
}
