import type { NodeContext } from '../services/context.ts'
import { feedRoutes } from './feeds/routes.ts'
import { healthRoutes } from './health.ts'
import { postingRoutes } from './posting/routes.ts'
import type { Routes } from './site.ts'

/** All of the JSON API. */
export function apiRoutes(context: NodeContext): Routes[] {
  return [healthRoutes(() => true), feedRoutes(context), postingRoutes(context)]
}
