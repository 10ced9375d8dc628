import type { Projections } from '../projections/projections.ts'
import { feedRoutes } from './feeds/routes.ts'
import { groupRoutes } from './groups/routes.ts'
import { healthRoutes } from './health.ts'
import { nodeRoutes, type NodeParts } from './node/routes.ts'
import { postingRoutes } from './posting/routes.ts'
import { projectionRoutes } from './projections/routes.ts'
import type { Routes } from './site.ts'
import { Waiting } from './waiting.ts'

interface ApiParts extends NodeParts {
  /** Absent on a node that runs none. */
  readonly projections: Projections | undefined
}

/** All of the JSON API. */
export function apiRoutes(parts: ApiParts): Routes[] {
  const { context, about, groups, projections } = parts
  const waiting = new Waiting(context.log)
  return [
    healthRoutes(about.isReady),
    nodeRoutes(parts),
    feedRoutes(context, waiting),
    postingRoutes(context),
    groupRoutes(context, groups, waiting),
    ...(projections === undefined ? [] : [projectionRoutes(context, projections)]),
  ]
}
