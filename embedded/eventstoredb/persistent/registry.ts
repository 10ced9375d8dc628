import type { EventRecord } from '../log/event-record.ts'
import { Expected } from '../log/commit-check.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { metadataStream } from '../log/stream-metadata.ts'
import { warn, type Report } from '../report.ts'
import { Group, type GroupSurroundings } from './group.ts'
import { GroupsBySource } from './groups-by-source.ts'
import {
  checkpointStream,
  configStream,
  groupKey,
  parkedStream,
  type GroupConfig,
  type GroupName,
} from './settings.ts'
import type { Readers } from './source.ts'
import { decodeConfig, encodeConfig } from './stored-config.ts'
import { Turns } from './turns.ts'
import { failureOf, writeOwn } from './write-own.ts'

const tickMs = 1000

export interface RegistryOptions {
  readonly now?: () => number
  readonly report?: Report
}

/**
 * All groups of the node. Each change of one writes the whole configuration to its stream, and takes place once
 * that is on disk.
 */
export class GroupRegistry {
  readonly #surroundings: GroupSurroundings
  readonly #groups = new GroupsBySource()
  /** As it is stored, or about to be. */
  #configs = new Map<string, GroupConfig>()
  #failure: string | undefined
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void

  constructor(readers: Readers, { now = Date.now, report = warn }: RegistryOptions = {}) {
    this.#surroundings = { readers, now, report, turns: new Turns() }
    this.#load()
    this.#timer = setInterval(() => {
      for (const group of this.#groups.all()) group.tick()
    }, tickMs)
    this.#unsubscribe = readers.log.onCommit((records) => this.#committed(records))
  }

  /** Why there are no groups at all: their configuration can't be read. */
  get failure(): string | undefined {
    return this.#failure
  }

  get(name: GroupName): Group | undefined {
    return this.#groups.get(name)
  }

  all(): Group[] {
    return this.#groups.all()
  }

  /** Undefined for a source that never had a group. */
  ofSource(stream: string): Group[] | undefined {
    return this.#groups.ofSource(stream)
  }

  /** False if there is such a group already. */
  async create(config: GroupConfig, by: string): Promise<boolean> {
    if (this.#configs.has(groupKey(config))) return false
    await this.#change(config, config, by)
    this.#runIfCurrent(config)
    return true
  }

  /** New settings for a group, which goes on after its checkpoint; its clients are dropped. False if there is none. */
  async update(config: GroupConfig, by: string): Promise<boolean> {
    if (!this.#configs.has(groupKey(config))) return false
    await this.#change(config, config, by)
    this.#runIfCurrent(config)
    return true
  }

  /** With all that belongs to it. False if there is no such group. */
  async remove(name: GroupName, by: string): Promise<boolean> {
    const config = this.#configs.get(groupKey(name))
    if (config === undefined) return false
    const changed = this.#change(name, undefined, by)
    // Given to the log together, these are on disk together: no later group finds the remains of this one.
    const deleted = [checkpointStream(name), parkedStream(name)].map((stream) => this.#delete(stream))
    this.get(name)?.stop({ kind: 'dropped' })
    this.#groups.remove(name)
    try {
      await Promise.all([changed, ...deleted])
    } catch (error) {
      this.#runIfCurrent(config)
      throw error
    }
    return true
  }

  /** Starts all groups anew from what is stored, as after a restart of the node. */
  async restart(): Promise<void> {
    const { log } = this.#surroundings.readers
    // Changes under way are answered first.
    await new Promise<void>((resolve) => log.whenDurable(resolve))
    this.#load()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#unsubscribe()
    for (const group of this.#groups.all()) group.stop({ kind: 'dropped' })
  }

  #load(): void {
    const configs = this.#stored()
    for (const group of this.#groups.all()) group.stop({ kind: 'dropped' })
    this.#groups.clear()
    this.#configs = new Map((configs ?? []).map((config) => [groupKey(config), config]))
    for (const config of this.#configs.values()) this.#run(config)
  }

  /** Unless it has been changed again since. */
  #runIfCurrent(config: GroupConfig): void {
    if (this.#configs.get(groupKey(config)) === config) this.#run(config)
  }

  #run(config: GroupConfig): void {
    this.get(config)?.stop({ kind: 'dropped' })
    this.#groups.set(new Group(this.#surroundings, config))
  }

  #committed(records: readonly EventRecord[]): void {
    const concerned = new Set<Group>()
    for (const record of records) {
      for (const group of this.#groups.concernedBy(record.stream)) {
        group.offer(record)
        concerned.add(group)
      }
    }
    for (const group of concerned) group.dispatch()
  }

  #stored(): GroupConfig[] | undefined {
    const { readers, report } = this.#surroundings
    try {
      const stored = readers.streams.last(configStream)
      const configs = stored === undefined ? [] : decodeConfig(stored.body.data.toString('utf8'))
      this.#failure = undefined
      return configs
    } catch (error) {
      this.#failure = `${configStream} can't be read: ${error instanceof Error ? error.message : String(error)}`
      report(`There are no consumer groups: ${this.#failure}`)
      return undefined
    }
  }

  /** Resolves when the configuration with this change in it is on disk; takes it back if that fails. */
  async #change(name: GroupName, config: GroupConfig | undefined, by: string): Promise<void> {
    const key = groupKey(name)
    const before = this.#configs.get(key)
    if (config === undefined) this.#configs.delete(key)
    else this.#configs.set(key, config)
    try {
      await this.#save(by)
    } catch (error) {
      if (before === undefined) this.#configs.delete(key)
      else this.#configs.set(key, before)
      throw error
    }
  }

  async #save(by: string): Promise<void> {
    const { readers, now } = this.#surroundings
    const { log } = readers
    const json = encodeConfig(this.#configs.values(), { at: new Date(now()), by })
    const writes = [this.#write(configStream, ownEvent('$PersistentConfig', json))]
    if (log.heads.get(metadataStream(configStream)).revision < 0) {
      writes.push(this.#write(metadataStream(configStream), proposeMetadata('{"$maxCount":2}')))
    }
    await Promise.all(writes)
  }

  #write(stream: string, event: ReturnType<typeof ownEvent>): Promise<void> {
    return new Promise((resolve, reject) => {
      writeOwn(this.#surroundings.readers.log, stream, event, (error) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  /** Soft, and nothing to do if the stream never was or is gone for good. */
  #delete(stream: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#surroundings.readers.log.delete(stream, Expected.any, (result) => {
        if (result.kind === 'failed') reject(failureOf(stream, result))
        else resolve()
      })
    })
  }
}
