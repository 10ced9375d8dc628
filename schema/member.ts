import type { Said } from '../domain/refusals.ts'

/** A refusal as a member of a result's union. */
export const member = <S extends Said>({ kind, ...said }: S) => ({ __typename: kind, ...said })
