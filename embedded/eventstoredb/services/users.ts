import {
  decodeChangePassword,
  decodeLogin,
  decodeResetPassword,
  decodeUser,
  encodeDetails,
} from '../codec/users.ts'
import type { Call } from '../grpc/call.ts'
import { frame } from '../grpc/frames.ts'
import { unary, type Handler, type Handlers } from '../grpc/server.ts'
import { Code, refuse, StatusError } from '../grpc/status.ts'
import { demand, type Access } from '../security/access.ts'
import { isPasswordOf } from '../security/passwords.ts'
import type { User, Users } from '../security/users.ts'
import { userConflict, userNotFound } from './user-errors.ts'

const empty = new Uint8Array(0)

/** Users: for administrators, but for what everybody may know and change of themselves. */
export function userHandlers(access: Access, users: Users): Handlers {
  /** A call that administrators make about a user, who has to be there. */
  const managing = (manage: (message: Buffer) => { login: string; found: Promise<boolean> }): Handler =>
    unary(async (message, call) => {
      demand(access.allowsUserManagement(call.principal))
      const { login, found } = manage(message)
      if (!(await found)) throw new StatusError(userNotFound(login))
      return empty
    })
  const changing = (changed: (user: User) => User): Handler =>
    managing((message) => {
      const login = decodeLogin(message)
      return { login, found: users.change(login, changed) }
    })
  const demandSelf = (call: Call, login: string): void =>
    demand(call.principal.name === login || access.allowsUserManagement(call.principal))

  return new Map<string, Handler>([
    [
      'Create',
      unary(async (message, call) => {
        demand(access.allowsUserManagement(call.principal))
        const { loginName, password, fullName, groups } = decodeUser(message)
        checkLogin(loginName)
        checkPassword(password)
        const created = await users.create({ loginName, fullName, groups: [...groups] }, password)
        if (!created) throw new StatusError(userConflict(loginName))
        return empty
      }),
    ],
    [
      'Update',
      managing((message) => {
        const { loginName, fullName, groups } = decodeUser(message)
        const found = users.change(loginName, (user) => ({ ...user, fullName, groups: [...groups] }))
        return { login: loginName, found }
      }),
    ],
    [
      'Delete',
      managing((message) => {
        const login = decodeLogin(message)
        return { login, found: users.delete(login) }
      }),
    ],
    ['Disable', changing((user) => ({ ...user, disabled: true }))],
    ['Enable', changing((user) => ({ ...user, disabled: false }))],
    [
      'Details',
      (call) => {
        let login = ''
        call.onMessages(
          (message) => (login = decodeLogin(message)),
          () => {
            demandSelf(call, login)
            for (const user of login === '' ? users.all() : [existing(users, login)]) {
              call.send(frame(encodeDetails(user)))
            }
            call.end()
          },
        )
      },
    ],
    [
      'ChangePassword',
      unary(async (message, call) => {
        const { loginName, currentPassword, newPassword } = decodeChangePassword(message)
        demandSelf(call, loginName)
        checkPassword(newPassword)
        const { hash } = existing(users, loginName)
        demand(hash !== undefined && (await isPasswordOf(hash, currentPassword)))
        if (!(await users.setPassword(loginName, newPassword))) throw new StatusError(userNotFound(loginName))
        return empty
      }),
    ],
    [
      'ResetPassword',
      managing((message) => {
        const { loginName, newPassword } = decodeResetPassword(message)
        checkPassword(newPassword)
        return { login: loginName, found: users.setPassword(loginName, newPassword) }
      }),
    ],
  ])
}

function existing(users: Users, login: string): NonNullable<ReturnType<Users['find']>> {
  const user = users.find(login)
  if (user === undefined) throw new StatusError(userNotFound(login))
  return user
}

function checkLogin(login: string): void {
  if (login === '') refuse(Code.invalidArgument, 'A user needs a login name.')
  // Basic credentials end the name with it.
  if (login.includes(':')) refuse(Code.invalidArgument, 'A login name can not contain a colon.')
}

function checkPassword(password: string): void {
  if (password === '') refuse(Code.invalidArgument, 'A user needs a password.')
}
