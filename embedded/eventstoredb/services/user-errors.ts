import { Code, type Status } from '../grpc/status.ts'

/** Errors about users, as clients tell them apart by their trailers. */
export const userNotFound = (login: string): Status => ({
  code: Code.notFound,
  message: `User '${login}' is not found.`,
  trailers: { exception: 'user-not-found', 'login-name': login },
})

export const userConflict = (login: string): Status => ({
  code: Code.failedPrecondition,
  message: `User '${login}' is there already.`,
  trailers: { exception: 'user-conflict', 'login-name': login },
})
