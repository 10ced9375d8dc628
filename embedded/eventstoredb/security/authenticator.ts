import { hash } from 'node:crypto'

import { LRUCache } from 'lru-cache'

import { Code, refuse } from '../grpc/status.ts'
import { anonymous, type Principal } from './access.ts'
import { hashOfNothing, isPasswordOf } from './passwords.ts'
import type { Users } from './users.ts'

const maxRemembered = 256
const maxWaiting = 256

interface Check {
  readonly login: string
  readonly principal: Promise<Principal>
}

interface Credentials {
  readonly login: string
  readonly password: string
}

/**
 * Tells by Basic credentials who makes a call. Checking a password is slow on purpose, so what has proved right is
 * remembered until the user changes: by a digest, so that no password stays in memory.
 */
export class Authenticator {
  readonly #users: Pick<Users, 'find'>
  readonly #known = new LRUCache<string, Principal>({ max: maxRemembered })
  readonly #pending = new Map<string, Check>()
  /** Whoever guesses names must not learn from the time it takes which of them there are. */
  readonly #decoy = hashOfNothing()
  #lastCheck: Promise<unknown> = Promise.resolve()

  constructor(users: Pick<Users, 'find' | 'onChange'>) {
    this.#users = users
    users.onChange((login) => this.#forget(login))
  }

  authenticate(authorization: string | undefined): Principal | Promise<Principal> {
    if (authorization === undefined) return anonymous
    const digest = hash('sha256', authorization, 'base64')
    return (
      this.#known.get(digest) ?? this.#pending.get(digest)?.principal ?? this.#begin(digest, authorization)
    )
  }

  #begin(digest: string, authorization: string): Promise<Principal> {
    if (this.#pending.size >= maxWaiting) {
      refuse(Code.resourceExhausted, 'Too many credentials are being checked; try again.')
    }
    const credentials = parseBasic(authorization)
    const check = { login: credentials.login, principal: this.#inTurn(() => this.#check(credentials)) }
    const settled = (principal?: Principal): void => {
      // Otherwise the user has changed in the meantime.
      if (this.#pending.get(digest) !== check) return
      this.#pending.delete(digest)
      if (principal !== undefined) this.#known.set(digest, principal)
    }
    check.principal.then(settled, () => settled())
    this.#pending.set(digest, check)
    return check.principal
  }

  #forget(login: string): void {
    for (const [digest, principal] of this.#known.entries()) {
      if (principal.name === login) this.#known.delete(digest)
    }
    for (const [digest, check] of this.#pending) {
      if (check.login === login) this.#pending.delete(digest)
    }
  }

  /** One after another: many guesses at once must not take all threads from the disk. */
  #inTurn(check: () => Promise<Principal>): Promise<Principal> {
    const checked = this.#lastCheck.then(check)
    this.#lastCheck = checked.catch(() => undefined)
    return checked
  }

  async #check({ login, password }: Credentials): Promise<Principal> {
    const user = this.#users.find(login)
    const right = await isPasswordOf(user?.hash ?? this.#decoy, password)
    if (user?.hash === undefined || user.disabled || !right) return unauthenticated()
    return { name: login, groups: user.groups }
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
