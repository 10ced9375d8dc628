import { z } from 'zod'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import type { Control } from '../projections/control.ts'
import type { Standing } from '../projections/standing.ts'
import { percentOf } from '../projections/state.ts'
import { idempotencyConflict } from './input.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { field, forAdmins, mutationWithin } from './resolver.ts'

export interface ProjectionParts {
  readonly control: Control
  readonly limit: RateLimit
}

const Rebuild = z.object({
  input: z.object({ name: z.string(), verify: z.boolean(), idempotencyKey: IdempotencyKey }),
})

/** The read models themselves, for those who run them. */
export const projectionResolvers = ({ control, limit }: ProjectionParts) => ({
  Query: {
    projections: forAdmins(
      field(z.object({}), async () => (await control.standings()).map((standing) => shown(standing))),
    ),
  },

  Mutation: {
    rebuildProjection: forAdmins(
      mutationWithin(limit)(Rebuild, async ({ args }) => {
        const { name, verify, idempotencyKey: id } = args.input
        if (!control.names.includes(name))
          return {
            __typename: 'UnknownProjection',
            message: `There is no read model ${name}; there are ${control.names.join(', ')}.`,
          } as const
        if (!(await control.requestBuild([name], { id, verify }))) return idempotencyConflict
        const standing = (await control.standings()).find((one) => one.name === name)
        if (!standing) throw new Error(`no standing of ${name}`)
        return { __typename: 'Projection', ...shown(standing) } as const
      }),
    ),
  },
})

const shown = ({ name, condition, version, lag, state: { stopped, build, built } }: Standing) => ({
  name,
  condition,
  version,
  lag,
  stopped,
  build: build && { ...build, percent: percentOf(build) },
  lastBuild: built,
})
