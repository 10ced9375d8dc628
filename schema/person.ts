import { z } from 'zod'
import { field } from './resolver.ts'

export const personResolvers = {
  Query: { me: field(z.object({}), ({ viewer }) => Promise.resolve(viewer)) },
}
