import { feedRoutes } from './feeds/routes.ts'
import { healthRoutes } from './health.ts'
import { nodeRoutes, type NodeParts } from './node/routes.ts'
import { postingRoutes } from './posting/routes.ts'
import type { Routes } from './site.ts'

/** All of the JSON API. */
export function apiRoutes(parts: NodeParts): Routes[] {
  const { context, about } = parts
  return [healthRoutes(about.isReady), nodeRoutes(parts), feedRoutes(context), postingRoutes(context)]
}
