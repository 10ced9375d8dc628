import { MongoError } from '../errors.ts'
import type { Commands } from './command.ts'
import { ok } from './replies.ts'

/** There are no users here: whoever reaches the node may do everything, and nobody can log in. */
export const userCommands: Commands = {
  connectionStatus: (args) =>
    ok({
      authInfo: {
        authenticatedUsers: [],
        authenticatedUserRoles: [],
        ...(args.boolean('showPrivileges', false) && { authenticatedUserPrivileges: [] }),
      },
    }),
  usersInfo: () => ok({ users: [] }),
  rolesInfo: () => ok({ roles: [] }),
  logout: () => ok(),
  saslStart: () => {
    throw new MongoError('AuthenticationFailed', 'Authentication failed.')
  },
  authenticate: () => {
    throw new MongoError('AuthenticationFailed', 'Authentication failed.')
  },
}
