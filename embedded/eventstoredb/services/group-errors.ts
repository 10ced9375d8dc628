import { Code, type Status } from '../grpc/status.ts'

/** Errors about consumer groups, as clients tell them apart by their trailers. */
interface Name {
  readonly stream: string
  readonly group: string
}

const trailers = (exception: string, { stream, group }: Name): Record<string, string> => ({
  exception,
  'stream-name': stream,
  'group-name': group,
})

const about = ({ stream, group }: Name): string => `Subscription group ${group} on stream ${stream}`

export const groupDoesNotExist = (name: Name): Status => ({
  code: Code.notFound,
  message: `${about(name)} does not exist.`,
  trailers: trailers('persistent-subscription-does-not-exist', name),
})

export const groupExists = (name: Name): Status => ({
  code: Code.alreadyExists,
  message: `${about(name)} exists.`,
  trailers: trailers('persistent-subscription-exists', name),
})

export const groupFailed = (name: Name, reason: string): Status => ({
  code: Code.internal,
  message: `${about(name)} failed: '${reason}'`,
  trailers: { ...trailers('persistent-subscription-failed', name), reason },
})

export const groupDropped = (name: Name): Status => ({
  code: Code.cancelled,
  message: `${about(name)} was dropped.`,
  trailers: trailers('persistent-subscription-dropped', name),
})

export const groupsUnavailable = (reason: string): Status => ({
  code: Code.unavailable,
  message: `Persistent subscriptions are not available: ${reason}`,
})

export const maximumSubscribersReached = (name: Name): Status => ({
  code: Code.failedPrecondition,
  message: `Maximum subscriptions reached for ${about(name)}.`,
  trailers: trailers('maximum-subscribers-reached', name),
})
