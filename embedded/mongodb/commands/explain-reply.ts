import { hostname } from 'node:os'
import { Int32 } from 'bson'
import { toFields, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { parsedQuery } from '../engine/explain/parsed-query.ts'
import { examined, planTree } from '../engine/explain/plan-tree.ts'
import type { Operation } from '../engine/operation.ts'
import type { Search } from '../engine/query.ts'
import type { Arguments } from './arguments.ts'
import { serverVersion, type Context } from './command.ts'
import { ok } from './replies.ts'

/** How much is asked for: the plan alone, or also what it does when it runs. */
export type Verbosity = 'queryPlanner' | 'executionStats' | 'allPlansExecution'

/** A command that is shown instead of done. */
export interface Explained {
  readonly namespace: string
  readonly filter: RawDocument
  /** Undefined where the collection isn't there. */
  readonly search: Search | undefined
  /** The stages above the search. */
  readonly tree: (tree: Fields, executed: boolean) => Fields
  /** Carries out what it reads; true at the end. */
  readonly run: (operation: Operation) => boolean
  /** Stages of a pipeline that come after the search. */
  readonly stages?: (executed: boolean) => readonly Fields[]
}

export function wrapped(stage: string, inputStage: Fields): Fields {
  const nReturned = inputStage['nReturned']
  return { stage, ...(nReturned !== undefined && { nReturned }), inputStage }
}

export function explainReply(
  explained: Explained,
  { node, operation }: Context,
  args: Arguments,
  executed: boolean,
): RawDocument {
  const planner = {
    queryPlanner: queryPlanner(explained),
    ...(executed && { executionStats: executionStats(explained, operation) }),
  }
  const stages = explained.stages?.(executed) ?? []
  return ok({
    explainVersion: '1',
    ...(stages.length > 0 ? { stages: [{ $cursor: planner }, ...stages] } : planner),
    command: toFields(args.body),
    serverInfo: {
      host: hostname(),
      port: new Int32(node.port),
      version: serverVersion,
      gitVersion: 'counterfoil-embedded',
    },
  })
}

function queryPlanner({ namespace, filter, search, tree }: Explained): Fields {
  return {
    namespace,
    parsedQuery: parsedQuery(filter),
    indexFilterSet: false,
    winningPlan: search ? tree(planTree(search, false), false) : { stage: 'EOF' },
    rejectedPlans: [],
  }
}

function executionStats({ search, tree }: Explained, { milliseconds }: Operation): Fields {
  return {
    executionSuccess: true,
    nReturned: search?.returned ?? 0,
    executionTimeMillis: Math.round(milliseconds),
    ...(search ? examined(search) : { totalKeysExamined: 0, totalDocsExamined: 0 }),
    executionStages: search ? tree(planTree(search, true), true) : { stage: 'EOF', nReturned: 0 },
    allPlansExecution: [],
  }
}
