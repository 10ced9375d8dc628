import { z } from 'zod'
import type { UserId } from '../domain/ids.ts'
import { reveal } from './errors.ts'
import { once } from './once.ts'
import { field } from './resolver.ts'

/** What somebody is called, and how they are reached; null for what is not known. */
export interface PersonProfile {
  readonly name: string | null
  readonly email: string | null
  readonly picture: string | null
  readonly language: string | null
}

/** Undefined for somebody of whom nothing is known, and for everybody where people sign in elsewhere. */
export type ProfileOf = (id: UserId) => Promise<PersonProfile | undefined>

/** Who is asking. Their profile is looked up when something of it is asked for, and once. */
export const personResolvers = ({ profileOf }: { readonly profileOf?: ProfileOf }) => ({
  Query: {
    me: field(z.object({}), ({ viewer, context }) => {
      const profile = once(async () => {
        try {
          return await profileOf?.(viewer.id)
        } catch (fault) {
          throw reveal(fault, context.report)
        }
      })
      return Promise.resolve({
        id: viewer.id,
        role: viewer.role,
        name: async () => (await profile())?.name,
        email: async () => (await profile())?.email,
        picture: async () => (await profile())?.picture,
        language: async () => (await profile())?.language,
      })
    }),
  },
})
