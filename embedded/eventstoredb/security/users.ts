import { z } from 'zod'

import type { ProposedEvent } from '../codec/recorded-event.ts'
import { Expected, type ExpectedRevision } from '../log/commit-check.ts'
import type { EventLog } from '../log/event-log.ts'
import { ownEvent, proposeMetadata } from '../log/own-events.ts'
import { isMetadataStream, metadataStream, streamOfMetadata } from '../log/stream-metadata.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import { hashPassword } from './passwords.ts'
import { parseStored } from './stored-json.ts'

/** A user as the last event of `$user-<login>` has it. Without a hash nobody can sign in as this user. */
const userSchema = z.object({
  loginName: z.string(),
  fullName: z.string(),
  hash: z.string().optional(),
  disabled: z.boolean(),
  groups: z.array(z.string()),
})

export type User = z.infer<typeof userSchema>

export interface StoredUser extends User {
  readonly revision: number
  readonly updatedMs: number
}

export type Profile = Pick<User, 'loginName' | 'fullName' | 'groups'>

const userPrefix = '$user-'
const userStream = (login: string): string => userPrefix + login
/** The login names there have ever been, one event for each. */
const listStream = '$users'
/** Tells whoever keeps passwords in memory that one has changed. */
const notificationStream = '$users-password-notifications'
const notificationMaxAgeSeconds = 3600
const pageSize = 128

const loginSchema = z.string()

/** The users of this node, who are kept in streams of their own as on a real one. */
export class Users {
  readonly #log: EventLog
  readonly #streams: StreamReader

  constructor({ log, streams }: { readonly log: EventLog; readonly streams: StreamReader }) {
    this.#log = log
    this.#streams = streams
  }

  find(login: string): StoredUser | undefined {
    const last = this.#streams.last(userStream(login))
    if (last === undefined) return undefined
    const user = parseStored(userSchema, last.body.data)
    if (user === undefined) throw new Error(`The last event of ${userStream(login)} describes no user.`)
    return { ...user, revision: last.revision, updatedMs: last.body.createdMs }
  }

  /** In the order in which they were first created. */
  all(): StoredUser[] {
    return [...this.#logins()].map((login) => this.find(login)).filter((user) => user !== undefined)
  }

  /** Whether there ever was such a user: one that was deleted on purpose doesn't come back by itself. */
  isKnown(login: string): boolean {
    return this.#log.heads.get(userStream(login)).committed >= 0
  }

  /** False if there is such a user already. Without a password nobody can sign in as the new user. */
  async create(profile: Profile, password: string | undefined): Promise<boolean> {
    const { loginName, fullName, groups } = profile
    if (this.find(loginName) !== undefined) return false
    const hash = password === undefined ? {} : { hash: await hashPassword(password) }
    if (!this.#logins().has(loginName)) {
      await this.#write(listStream, Expected.any, ownEvent('$User', JSON.stringify(loginName)))
    }
    const user: User = { loginName, fullName, ...hash, disabled: false, groups }
    const event = ownEvent('$UserCreated', JSON.stringify(user))
    return this.#write(userStream(loginName), Expected.noStream, event)
  }

  /** False if there is no such user. */
  async change(login: string, changed: (user: User) => User): Promise<boolean> {
    for (;;) {
      const stored = this.find(login)
      if (stored === undefined) return false
      const event = ownEvent('$UserUpdated', JSON.stringify(userSchema.parse(changed(stored))))
      // Whoever else has changed this user in the meantime must not be overwritten unseen.
      if (await this.#write(userStream(login), stored.revision, event)) return true
    }
  }

  async setPassword(login: string, password: string): Promise<boolean> {
    const hash = await hashPassword(password)
    if (!(await this.change(login, (user) => ({ ...user, hash })))) return false
    await this.#notifyOfPassword(login)
    return true
  }

  delete(login: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (this.find(login) === undefined) {
        resolve(false)
        return
      }
      this.#log.delete(userStream(login), Expected.any, (result) => {
        if (result.kind === 'failed') reject(result.error)
        else resolve(result.kind === 'appended')
      })
    })
  }

  /** Calls back with the login name of a user that may have changed. */
  onChange(listener: (login: string) => void): void {
    this.#log.onCommit((records) => {
      for (const { stream } of records) {
        const described = isMetadataStream(stream) ? streamOfMetadata(stream) : stream
        if (described.startsWith(userPrefix)) listener(described.slice(userPrefix.length))
      }
    })
  }

  #logins(): Set<string> {
    const logins = new Set<string>()
    for (let from: number | undefined = 0; from !== undefined;) {
      const page = this.#streams.forward(listStream, from, pageSize)
      const records = page.kind === 'events' ? page.records : []
      for (const record of records) {
        const login = parseStored(loginSchema, record.body.data)
        if (login !== undefined) logins.add(login)
      }
      from = page.kind === 'events' ? page.next : undefined
    }
    return logins
  }

  async #notifyOfPassword(login: string): Promise<void> {
    if (this.#log.heads.get(notificationStream).revision < 0) {
      const metadata = proposeMetadata(JSON.stringify({ $maxAge: notificationMaxAgeSeconds }))
      await this.#write(metadataStream(notificationStream), Expected.noStream, metadata)
    }
    const event = ownEvent('$PasswordChanged', JSON.stringify({ loginName: login }))
    await this.#write(notificationStream, Expected.any, event)
  }

  /** False if the stream isn't where it is expected to be. */
  #write(stream: string, expected: ExpectedRevision, event: ProposedEvent): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#log.append({ stream, expected, events: [event] }, (result) => {
        if (result.kind === 'failed') reject(result.error)
        else if (result.kind === 'deleted') reject(new Error(`The stream ${stream} is deleted for good.`))
        else resolve(result.kind === 'appended')
      })
    })
  }
}
