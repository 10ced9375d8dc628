import { parseArgs } from 'node:util'
import { z } from 'zod'
import { Role } from '../../domain/role.ts'
import { UserId } from '../../domain/ids.ts'

export const HELP = `npm run people -- <command>

  list                who has signed in, the newest first, with their roles and where they are signed in
  grant USER ROLE     gives somebody a role: ADMIN or USER
  revoke USER         makes an admin a user like everybody else
  sessions USER       where somebody is signed in
  erase USER          erases all that is known of somebody, and signs them out; orders and ledgers stay

USER is an id or an e-mail address. Servers: EVENTSTORE_URL, MONGODB_URL, MONGODB_DATABASE.
`

/** A user by id, or by the address that they sign in with. */
const Who = z.union([UserId, z.email().toLowerCase()])

const Command = z.discriminatedUnion('command', [
  z.object({ command: z.literal('list') }),
  z.object({ command: z.literal('grant'), who: Who, role: Role }),
  z.object({ command: z.literal('revoke'), who: Who }),
  z.object({ command: z.literal('sessions'), who: Who }),
  z.object({ command: z.literal('erase'), who: Who }),
])
export type Command = z.infer<typeof Command>

/** The command line makes no sense. */
export class Misuse extends Error {}

/** Undefined when help is asked for; throws `Misuse`. */
export const commandOf = (args: readonly string[]): Command | undefined => {
  const { values, positionals } = parsed(args)
  if (values.help) return undefined
  const [command, who, role, ...more] = positionals
  const found = Command.safeParse({ command, who, role: role?.toUpperCase() })
  const taken = command === 'list' ? 1 : command === 'grant' ? 3 : 2
  if (!found.success || more.length > 0 || positionals.length !== taken) throw new Misuse()
  return found.data
}

const parsed = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false } },
    })
  } catch {
    throw new Misuse()
  }
}
