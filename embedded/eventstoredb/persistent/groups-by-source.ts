import type { Group } from './group.ts'
import { allStream, groupKey, type GroupName } from './settings.ts'

/** The groups by their names, and by what they are fed from. */
export class GroupsBySource {
  readonly #groups = new Map<string, Group>()
  /** Also of sources whose last group was deleted: their list is empty, others are unknown. */
  readonly #bySource = new Map<string, Map<string, Group>>()

  get(name: GroupName): Group | undefined {
    return this.#groups.get(groupKey(name))
  }

  all(): Group[] {
    return [...this.#groups.values()]
  }

  ofSource(stream: string): Group[] | undefined {
    const groups = this.#bySource.get(stream)
    return groups === undefined ? undefined : [...groups.values()]
  }

  /** Those that an event of this stream may be for. */
  *concernedBy(stream: string): Iterable<Group> {
    yield* this.#bySource.get(stream)?.values() ?? []
    yield* this.#bySource.get(allStream)?.values() ?? []
  }

  set(group: Group): void {
    const { stream, group: name } = group.config
    this.#groups.set(groupKey(group.config), group)
    const ofSource = this.#bySource.get(stream) ?? new Map<string, Group>()
    ofSource.set(name, group)
    this.#bySource.set(stream, ofSource)
  }

  remove({ stream, group }: GroupName): void {
    this.#groups.delete(groupKey({ stream, group }))
    this.#bySource.get(stream)?.delete(group)
  }

  clear(): void {
    this.#groups.clear()
    this.#bySource.clear()
  }
}
