import { z } from 'zod'

/** What somebody may do: what is their own, or what the shop does. */
export const Role = z.enum(['USER', 'ADMIN'])
export type Role = z.infer<typeof Role>
