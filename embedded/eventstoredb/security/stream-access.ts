import type { EventLog } from '../log/event-log.ts'
import type { EventRecord } from '../log/event-record.ts'
import { isMetadataStream, metadataStream, streamOfMetadata } from '../log/stream-metadata.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import { isAnonymous, type Principal, type StreamOperation } from './access.ts'
import { settingsSchema, type Acl, type Roles } from './acl.ts'
import { parseStored } from './stored-json.ts'

const allStream = '$all'
const settingsStream = '$settings'
const administrators = '$admins'
/** In an ACL: every user who has proved who they are. */
const everyone = '$all'

/** To the owner of a metadata stream, what is done to that stream is done to its own metadata. */
const onOwner: Readonly<Record<StreamOperation, StreamOperation>> = {
  read: 'read metadata',
  write: 'write metadata',
  delete: 'write metadata',
  'read metadata': 'read metadata',
  'write metadata': 'write metadata',
}

interface Reader {
  readonly principal: Principal
  readonly stream: string
  readonly revoked: () => void
}

type Defaults = ReturnType<typeof settingsSchema.parse>

/**
 * Who may read, write and delete which streams: a stream's own `$acl` says so, else the last event of `$settings`,
 * else all users may use streams of users and administrators those of the system. What a stream's ACL leaves out
 * comes from the defaults, one operation at a time.
 */
export class StreamAccess {
  readonly #log: EventLog
  readonly #streams: StreamReader
  readonly #readers = new Map<string, Set<Reader>>()
  #defaults: Defaults

  constructor({ log, streams }: { readonly log: EventLog; readonly streams: StreamReader }) {
    this.#log = log
    this.#streams = streams
    this.#defaults = this.#readDefaults()
    log.onCommit((records) => this.#note(records))
  }

  allows(principal: Principal, operation: StreamOperation, stream: string): boolean {
    if (isAnonymous(principal)) return false
    if (stream === allStream && (operation === 'write' || operation === 'delete')) return false
    if (isAdministrator(principal)) return true
    if (isMetadataStream(stream)) return this.allows(principal, onOwner[operation], streamOfMetadata(stream))
    const roles = this.#rolesFor(operation, stream)
    return roles.some((role) => role === everyone || role === principal.name || inGroup(principal, role))
  }

  /** Calls back once, when reading ends to be allowed. */
  onRevoked(principal: Principal, stream: string, revoked: () => void): () => void {
    // Nothing can be kept from administrators.
    if (isAdministrator(principal)) return () => undefined
    const reader = { principal, stream, revoked }
    const owner = ownerOf(stream)
    const readers = this.#readers.get(owner) ?? new Set()
    this.#readers.set(owner, readers.add(reader))
    return () => {
      readers.delete(reader)
      if (readers.size === 0 && this.#readers.get(owner) === readers) this.#readers.delete(owner)
    }
  }

  #rolesFor(operation: StreamOperation, stream: string): Roles {
    const isSystem = stream.startsWith('$')
    const { $systemStreamAcl, $userStreamAcl } = this.#defaults
    const ownAcl: Acl | undefined = this.#log.heads.get(stream).visibleMetadata.acl
    const defaultAcl: Acl | undefined = isSystem ? $systemStreamAcl : $userStreamAcl
    return ownAcl?.[operation] ?? defaultAcl?.[operation] ?? [isSystem ? administrators : everyone]
  }

  #note(records: readonly EventRecord[]): void {
    for (const { stream } of records) {
      if (stream === settingsStream || stream === metadataStream(settingsStream)) {
        this.#defaults = this.#readDefaults()
        for (const readers of this.#readers.values()) this.#check(readers)
      } else if (isMetadataStream(stream)) {
        this.#check(this.#readers.get(ownerOf(stream)))
      }
    }
  }

  #check(readers: Set<Reader> | undefined): void {
    for (const reader of readers ?? []) {
      if (this.allows(reader.principal, 'read', reader.stream)) continue
      readers?.delete(reader)
      reader.revoked()
    }
  }

  #readDefaults(): Defaults {
    const last = this.#streams.last(settingsStream)
    return (last && parseStored(settingsSchema, last.body.data)) ?? {}
  }
}

const inGroup = ({ groups }: Principal, group: string): boolean => groups.includes(group)

export const isAdministrator = (principal: Principal): boolean => inGroup(principal, administrators)

/** The stream whose metadata a metadata stream has, however often it is the metadata of metadata. */
function ownerOf(stream: string): string {
  let owner = stream
  while (isMetadataStream(owner)) owner = streamOfMetadata(owner)
  return owner
}
