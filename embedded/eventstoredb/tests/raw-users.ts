import users from '@eventstore/db-client/generated/users_pb.js'

import { rawCall, type RawReply } from './raw-call.ts'
import { admin, type Credentials } from './secure-server.ts'

/** The Users calls, for which the official client has messages but no methods. */
export interface Details {
  readonly loginName: string
  readonly fullName: string
  readonly groups: readonly string[]
  readonly disabled: boolean
  readonly lastUpdatedTicks: bigint
}

export interface UserCalls {
  create(user: { login: string; password: string; fullName?: string; groups?: string[] }): Promise<RawReply>
  update(user: { login: string; fullName: string; groups: string[] }): Promise<RawReply>
  delete(login: string): Promise<RawReply>
  disable(login: string): Promise<RawReply>
  enable(login: string): Promise<RawReply>
  changePassword(login: string, current: string, next: string): Promise<RawReply>
  resetPassword(login: string, next: string): Promise<RawReply>
  /** All users, if none is named. */
  details(login?: string): Promise<RawReply & { readonly users: readonly Details[] }>
}

/** `by`: null is nobody. */
export function userCalls(
  server: { readonly url: string; readonly ca: string | undefined },
  by: Credentials | null = admin,
): UserCalls {
  const call = (method: string, message: { serializeBinary(): Uint8Array }): Promise<RawReply> =>
    rawCall(server.url, `/event_store.client.users.Users/${method}`, [message.serializeBinary()], {
      ...(server.ca === undefined ? {} : { ca: server.ca }),
      ...(by === null ? {} : { credentials: by }),
    })
  return {
    create: ({ login, password, fullName = '', groups = [] }) => {
      const options = new users.CreateReq.Options()
      options.setLoginName(login).setPassword(password).setFullName(fullName).setGroupsList(groups)
      return call('Create', new users.CreateReq().setOptions(options))
    },
    update: ({ login, fullName, groups }) => {
      const options = new users.UpdateReq.Options()
      options.setLoginName(login).setFullName(fullName).setGroupsList(groups)
      return call('Update', new users.UpdateReq().setOptions(options))
    },
    delete: (login) =>
      call('Delete', new users.DeleteReq().setOptions(new users.DeleteReq.Options().setLoginName(login))),
    disable: (login) =>
      call('Disable', new users.DisableReq().setOptions(new users.DisableReq.Options().setLoginName(login))),
    enable: (login) =>
      call('Enable', new users.EnableReq().setOptions(new users.EnableReq.Options().setLoginName(login))),
    changePassword: (login, current, next) => {
      const options = new users.ChangePasswordReq.Options()
      options.setLoginName(login).setCurrentPassword(current).setNewPassword(next)
      return call('ChangePassword', new users.ChangePasswordReq().setOptions(options))
    },
    resetPassword: (login, next) => {
      const options = new users.ResetPasswordReq.Options()
      options.setLoginName(login).setNewPassword(next)
      return call('ResetPassword', new users.ResetPasswordReq().setOptions(options))
    },
    details: async (login) => {
      const request = new users.DetailsReq()
      if (login !== undefined) request.setOptions(new users.DetailsReq.Options().setLoginName(login))
      const reply = await call('Details', request)
      return { ...reply, users: reply.messages.map(detailsOf) }
    },
  }
}

function detailsOf(message: Buffer): Details {
  const details = users.DetailsResp.deserializeBinary(message).getUserDetails()
  if (details === undefined) throw new Error('A response without a user.')
  return {
    loginName: details.getLoginName(),
    fullName: details.getFullName(),
    groups: details.getGroupsList(),
    disabled: details.getDisabled(),
    lastUpdatedTicks: BigInt(details.getLastUpdated()?.getTicksSinceEpoch() ?? '0'),
  }
}
