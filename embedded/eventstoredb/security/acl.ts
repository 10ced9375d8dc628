import { z } from 'zod'

import type { StreamOperation } from './access.ts'

/** Names of the users and groups that may do something. */
export type Roles = readonly string[]

/** Who may do what to a stream. What it doesn't say is left to the defaults. */
export type Acl = Readonly<Record<StreamOperation, Roles | undefined>>

/** One name or several; none at all leaves it to the administrators alone. */
const roles = z.union([z.string().transform((role) => [role]), z.array(z.string())]).optional()

/** An ACL as JSON has it: in `$acl` of a stream's metadata, and in the `$settings` stream. */
export const aclSchema = z
  .object({ $r: roles, $w: roles, $d: roles, $mr: roles, $mw: roles })
  .transform(({ $r, $w, $d, $mr, $mw }): Acl => ({
    read: $r,
    write: $w,
    delete: $d,
    'read metadata': $mr,
    'write metadata': $mw,
  }))

/** The default ACLs as the last event of `$settings` has them: those of users' streams and of system streams. */
export const settingsSchema = z.object({
  $userStreamAcl: aclSchema.optional(),
  $systemStreamAcl: aclSchema.optional(),
})
