import { feedRoutes } from './feeds/routes.ts'
import { groupRoutes } from './groups/routes.ts'
import { healthRoutes } from './health.ts'
import { nodeRoutes, type NodeParts } from './node/routes.ts'
import { postingRoutes } from './posting/routes.ts'
import type { Routes } from './site.ts'
import { Waiting } from './waiting.ts'

/** All of the JSON API. */
export function apiRoutes(parts: NodeParts): Routes[] {
  const { context, about, groups } = parts
  const waiting = new Waiting(context.log)
  return [
    healthRoutes(about.isReady),
    nodeRoutes(parts),
    feedRoutes(context, waiting),
    postingRoutes(context),
    groupRoutes(context, groups, waiting),
  ]
}
