import { positionOf } from '../service/opaque.ts'
import type { ModelName, ReadModels } from './readModels.ts'

/** Milliseconds that a query waits for the read models to be as new as its consistency token. */
export const PATIENCE = 2_000

/** The log position that the client has seen already; 0 if it doesn't say. Throws BAD_INPUT. */
export const seenIn = (token: string | undefined): bigint => (token === undefined ? 0n : positionOf(token))

/** Waits until those read models are at least as new as the client's consistency token, if there is one. */
export const caughtUp = async (
  { reached }: Pick<ReadModels, 'reached'>,
  token: string | undefined,
  ...models: readonly ModelName[]
): Promise<void> => {
  if (token !== undefined) await reached(positionOf(token), PATIENCE, ...models)
}
