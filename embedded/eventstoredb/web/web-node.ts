import type { GroupRegistry } from '../persistent/registry.ts'
import type { Projections } from '../projections/projections.ts'
import type { NodeContext } from '../services/context.ts'

/** What the pages are made from: the node's own readers, and what it says of itself. */
export interface WebNode extends NodeContext {
  readonly groups: GroupRegistry
  /** Absent on a node that runs none. */
  readonly projections: Projections | undefined
  readonly version: string
  readonly startedAt: Date
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** The log goes by the id of its first event: another database has another one. */
export const logIdOf = ({ all }: WebNode): string => all.forward(0, 1)[0]?.id ?? ''
