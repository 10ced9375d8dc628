import { hash } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import { Code, refuse } from '../grpc/status.ts'
import { anonymous, type Principal } from './access.ts'
import { hashPassword, isPasswordOf } from './passwords.ts'
import type { Users } from './users.ts'

const maxRemembered = 256
const maxWaiting = 256

interface Credentials {
  readonly login: string
  readonly password: string
}

/**
 * Tells by Basic credentials who makes a call. Checking a password is slow on purpose, so what has proved right is
 * remembered until any user changes: by a digest, so that no password stays in memory.
 */
export class Authenticator {
  readonly #users: Users
  readonly #known = new LRUCache<string, Principal>({ max: maxRemembered })
  readonly #pending = new Map<string, Promise<Principal>>()
  /** Whoever guesses names must not learn from the time it takes which of them there are. */
  readonly #decoy = hashPassword('')
  #lastCheck: Promise<unknown> = Promise.resolve()

  constructor(users: Users) {
    this.#users = users
    users.onChange(() => {
      this.#known.clear()
      this.#pending.clear()
    })
  }

  authenticate(authorization: string | undefined): Principal | Promise<Principal> {
    if (authorization === undefined) return anonymous
    const digest = hash('sha256', authorization, 'base64')
    return this.#known.get(digest) ?? this.#pending.get(digest) ?? this.#begin(digest, authorization)
  }

  #begin(digest: string, authorization: string): Promise<Principal> {
    if (this.#pending.size >= maxWaiting) {
      refuse(Code.resourceExhausted, 'Too many credentials are being checked; try again.')
    }
    const checked = this.#inTurn(() => this.#check(parseBasic(authorization)))
    const settled = (principal?: Principal): void => {
      // Otherwise a user has changed in the meantime, perhaps this one.
      if (this.#pending.get(digest) !== checked) return
      this.#pending.delete(digest)
      if (principal !== undefined) this.#known.set(digest, principal)
    }
    checked.then(settled, () => settled())
    this.#pending.set(digest, checked)
    return checked
  }

  /** One after another: many guesses at once must not take all threads from the disk. */
  #inTurn(check: () => Promise<Principal>): Promise<Principal> {
    const checked = this.#lastCheck.then(check)
    this.#lastCheck = checked.catch(() => undefined)
    return checked
  }

  async #check({ login, password }: Credentials): Promise<Principal> {
    const user = this.#users.find(login)
    const right = await isPasswordOf(user?.hash ?? (await this.#decoy), password)
    if (user?.hash === undefined || user.disabled || !right) return unauthenticated()
    return { name: user.loginName, groups: user.groups }
  }
}

function parseBasic(authorization: string): Credentials {
  const [, encoded] = /^basic +([a-z0-9+/]+={0,2}) *$/iu.exec(authorization) ?? []
  const text = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon < 0) return unauthenticated()
  return { login: text.slice(0, colon), password: text.slice(colon + 1) }
}

const unauthenticated = (): never => refuse(Code.unauthenticated, 'Unauthenticated')
