import protobuf from 'protobufjs/minimal.js'

import { inOptions } from './shared.ts'

/** Create and Update; Update doesn't look at the password. */
export interface UserRequest {
  readonly loginName: string
  readonly password: string
  readonly fullName: string
  readonly groups: readonly string[]
}

export function decodeUser(message: Uint8Array): UserRequest {
  const request = { loginName: '', password: '', fullName: '', groups: [] as string[] }
  inOptions(message, (reader, field, wireType) => {
    if (field === 1) request.loginName = reader.string()
    else if (field === 2) request.password = reader.string()
    else if (field === 3) request.fullName = reader.string()
    else if (field === 4) request.groups.push(reader.string())
    else reader.skipType(wireType)
  })
  return request
}

/** Delete, Enable, Disable and Details: the login name alone, empty where a client leaves it out. */
export const decodeLogin = (message: Uint8Array): string => decodeTexts(message)[0]

export interface PasswordChange {
  readonly loginName: string
  readonly currentPassword: string
  readonly newPassword: string
}

export function decodeChangePassword(message: Uint8Array): PasswordChange {
  const [loginName, currentPassword, newPassword] = decodeTexts(message)
  return { loginName, currentPassword, newPassword }
}

export function decodeResetPassword(message: Uint8Array): Omit<PasswordChange, 'currentPassword'> {
  const [loginName, newPassword] = decodeTexts(message)
  return { loginName, newPassword }
}

export interface UserDetails {
  readonly loginName: string
  readonly fullName: string
  readonly groups: readonly string[]
  readonly updatedMs: number
  readonly disabled: boolean
}

export function encodeDetails(user: UserDetails): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(0x0a).fork()
  writer.uint32(0x0a).string(user.loginName).uint32(0x12).string(user.fullName)
  for (const group of user.groups) writer.uint32(0x1a).string(group)
  // Ticks of 100 ns are more than a double can count.
  writer.uint32(0x22).fork().uint32(0x08).int64(`${user.updatedMs}0000`).ldelim()
  return writer.uint32(0x28).bool(user.disabled).ldelim().finish()
}

/** The first three texts of the options. */
function decodeTexts(message: Uint8Array): [string, string, string] {
  const texts: [string, string, string] = ['', '', '']
  inOptions(message, (reader, field, wireType) => {
    if (field >= 1 && field <= texts.length) texts[field - 1] = reader.string()
    else reader.skipType(wireType)
  })
  return texts
}
