import type { GroupRequest } from '../codec/persistent-requests.ts'
import type { GroupInfo } from '../codec/persistent-info.ts'
import { StatusError } from '../grpc/status.ts'
import type { Group } from '../persistent/group.ts'
import type { GroupRegistry } from '../persistent/registry.ts'
import type { GroupName } from '../persistent/settings.ts'
import type { Readers } from '../persistent/source.ts'
import { groupDoesNotExist, groupExists, groupFailed, groupsUnavailable } from './group-errors.ts'
import { flawOf } from './group-flaws.ts'
import { infoOf } from './group-info.ts'

const nameless: GroupName = { stream: '', group: '' }

/** What operators do with groups, whichever way they call. What can't be done is thrown as a StatusError. */
export class GroupOperations {
  readonly #readers: Readers
  readonly #groups: GroupRegistry

  constructor(readers: Readers, groups: GroupRegistry) {
    this.#readers = readers
    this.#groups = groups
  }

  async create(request: GroupRequest, by: string): Promise<void> {
    this.#demandGroups()
    if (this.#groups.get(request) !== undefined) throw new StatusError(groupExists(request))
    this.#check(request)
    const { stream, group, filter, settings } = request
    const created = await this.#groups.create({ stream, group, filter, settings }, by)
    if (!created) throw new StatusError(groupExists(request))
  }

  async update(request: GroupRequest, by: string): Promise<void> {
    const { filter } = this.#existing(request).config
    this.#check({ ...request, filter })
    const { stream, group, settings } = request
    const updated = await this.#groups.update({ stream, group, filter, settings }, by)
    if (!updated) throw new StatusError(groupDoesNotExist(request))
  }

  async delete(name: GroupName, by: string): Promise<void> {
    this.#existing(name)
    const deleted = await this.#groups.remove(name, by)
    if (!deleted) throw new StatusError(groupDoesNotExist(name))
  }

  info(name: GroupName): GroupInfo {
    return infoOf(this.#existing(name))
  }

  /** Of one source, or of all. */
  list(stream: string | undefined): GroupInfo[] {
    this.#demandGroups()
    const found = stream === undefined ? this.#groups.all() : this.#groups.ofSource(stream)
    if (found === undefined) throw new StatusError(groupDoesNotExist({ stream: stream ?? '', group: '' }))
    return found.map(infoOf)
  }

  /** Up to a revision of the parked stream, exclusive, or all. */
  replayParked(name: GroupName, stopAt: number | undefined): void {
    const group = this.#existing(name)
    if (group.failure !== undefined) throw new StatusError(groupFailed(name, group.failure))
    if (stopAt !== undefined && stopAt < 0) {
      throw new StatusError(groupFailed(name, 'Cannot stop replaying before the start.'))
    }
    group.replayParked(stopAt)
  }

  async restart(): Promise<void> {
    await this.#groups.restart()
    const { failure } = this.#groups
    if (failure !== undefined) throw new StatusError(groupFailed(nameless, failure))
  }

  /** The group, for who wants to consume it. */
  toConsume(name: GroupName): Group {
    const group = this.#existing(name)
    if (group.failure !== undefined) throw new StatusError(groupFailed(name, group.failure))
    return group
  }

  #existing(name: GroupName): Group {
    this.#demandGroups()
    const group = this.#groups.get(name)
    if (group === undefined) throw new StatusError(groupDoesNotExist(name))
    return group
  }

  #demandGroups(): void {
    const { failure } = this.#groups
    if (failure !== undefined) throw new StatusError(groupsUnavailable(failure))
  }

  #check(request: GroupRequest): void {
    const flaw = flawOf(this.#readers, request)
    if (flaw !== undefined) throw new StatusError(groupFailed(request, flaw))
  }
}
