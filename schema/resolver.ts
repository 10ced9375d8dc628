import type { z } from 'zod'
import type { ModelName, ReadModels } from '../projections/readModels.ts'
import { adminOf, viewerOf } from './context.ts'
import type { ApiContext } from './context.ts'
import { reveal } from './errors.ts'
import { parsed } from './input.ts'
import { caughtUp } from '../projections/consistency.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import type { Viewer } from '../access/viewer.ts'

/** One field that a client asked for: its arguments, parsed, and who asks. */
export interface Asked<Args> {
  readonly args: Args
  readonly viewer: Viewer
  readonly context: ApiContext
}

/** A root field as GraphQL wants it. */
export type Field<Answer> = (source: unknown, args: unknown, context: ApiContext) => Promise<Answer>

type Handler<Args, Answer> = (asked: Asked<Args>) => Promise<Answer>

/** A root field for those who say who they are, whose faults are shown to clients only as far as they may be. */
export const field =
  <Args, Answer>(schema: z.ZodType<Args>, handle: Handler<Args, Answer>): Field<Answer> =>
  async (_, args, context) => {
    try {
      return await handle({ args: parsed(schema, args), viewer: viewerOf(context), context })
    } catch (fault) {
      throw reveal(fault, context.report)
    }
  }

/** The same field, for admins only: nobody else has it looked at what they ask, or waited for. */
export const forAdmins =
  <Answer>(asked: Field<Answer>): Field<Answer> =>
  async (source, args, context) => {
    adminOf(context)
    return asked(source, args, context)
  }

/** A query: answered from those read models when they are at least as new as the client's consistency token. */
export const queryOver =
  (readModels: Pick<ReadModels, 'reached'>, ...models: readonly ModelName[]) =>
  <Args, Answer>(schema: z.ZodType<Args>, handle: Handler<Args, Answer>): Field<Answer> =>
    field(schema, async (asked) => {
      await caughtUp(readModels, asked.context.token, ...models)
      return handle(asked)
    })

/** A mutation: limited in rate for each user. */
export const mutationWithin =
  (limit: RateLimit) =>
  <Args, Answer>(schema: z.ZodType<Args>, handle: Handler<Args, Answer>): Field<Answer> =>
    field(schema, (asked) => {
      limit(asked.viewer.id)
      return handle(asked)
    })
