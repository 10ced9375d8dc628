import type { Document } from 'mongodb'
import { z } from 'zod'

export interface Stage {
  readonly stage: string
  readonly inputStage?: Stage | undefined
  readonly inputStages?: readonly Stage[] | undefined
  readonly [field: string]: unknown
}

export const stageShape: z.ZodType<Stage> = z.looseObject({
  stage: z.string(),
  get inputStage() {
    return stageShape.optional()
  },
  get inputStages() {
    return z.array(stageShape).optional()
  },
})
export const plannerShape = z.looseObject({ queryPlanner: z.looseObject({ winningPlan: stageShape }) })
export const statsShape = z.looseObject({
  executionStats: z.looseObject({
    nReturned: z.number(),
    totalKeysExamined: z.number(),
    totalDocsExamined: z.number(),
    executionTimeMillis: z.number(),
    executionStages: stageShape,
  }),
})

/** The stages of a plan from the last to the first. */
export function stagesOf({ stage, inputStage, inputStages = [] }: Stage): string[] {
  return [stage, ...[...(inputStage ? [inputStage] : []), ...inputStages].flatMap(stagesOf)]
}

export function leafOf(stage: Stage): Stage {
  return stage.inputStage ? leafOf(stage.inputStage) : stage
}

export const planOf = (explained: Document): Stage => plannerShape.parse(explained).queryPlanner.winningPlan
export const statsOf = (explained: Document) => statsShape.parse(explained).executionStats
