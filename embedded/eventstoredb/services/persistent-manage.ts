import {
  decodeDeleteGroup,
  decodeGetInfo,
  decodeGroupRequest,
  decodeList,
  decodeReplayParked,
  type GroupName,
  type GroupRequest,
} from '../codec/persistent-requests.ts'
import { encodeGetInfo, encodeList } from '../codec/persistent-info.ts'
import { unary, type Handlers, type Handler } from '../grpc/server.ts'
import { StatusError, type Status } from '../grpc/status.ts'
import type { GroupRegistry } from '../persistent/registry.ts'
import type { RunningGroup } from '../persistent/running-group.ts'
import { allStream, createSource, type Readers } from '../persistent/source.ts'
import { createStrategy } from '../persistent/strategy.ts'
import type { ConsumerCalls } from './consumer-calls.ts'
import { groupDoesNotExist, groupExists, groupFailed } from './group-errors.ts'
import { infoOf } from './group-info.ts'

const empty = new Uint8Array(0)

/** PersistentSubscriptions: everything but consuming. */
export function managementHandlers(readers: Readers, groups: GroupRegistry, calls: ConsumerCalls): Handlers {
  return new Map<string, Handler>([
    [
      'Create',
      unary(async (message) => {
        const request = decodeGroupRequest(message)
        if (groups.get(request.stream, request.group) !== undefined) fail(groupExists(request))
        check(readers, request)
        await groups.create(request)
        return empty
      }),
    ],
    [
      'Update',
      unary(async (message) => {
        const request = decodeGroupRequest(message)
        const { filter } = existing(groups, request).config
        check(readers, request)
        calls.drop(request)
        await groups.update({ ...request, filter })
        return empty
      }),
    ],
    [
      'Delete',
      unary(async (message) => {
        const name = decodeDeleteGroup(message)
        const group = existing(groups, name)
        calls.drop(name)
        await groups.remove(group)
        return empty
      }),
    ],
    ['GetInfo', unary((message) => encodeGetInfo(infoOf(existing(groups, decodeGetInfo(message)))))],
    [
      'List',
      unary((message) => {
        const stream = decodeList(message)
        const found = stream === undefined ? groups.all() : groups.ofSource(stream)
        if (found === undefined) return fail(groupDoesNotExist({ stream: stream ?? '', group: '' }))
        return encodeList(found.map(infoOf))
      }),
    ],
    [
      'ReplayParked',
      unary((message) => {
        const { stopAt, ...name } = decodeReplayParked(message)
        const group = existing(groups, name)
        if (stopAt !== undefined && stopAt < 0)
          fail(groupFailed(name, 'Cannot stop replaying before the start.'))
        group.replayParked(stopAt)
        return empty
      }),
    ],
    [
      'RestartSubsystem',
      unary(() => {
        calls.dropAll()
        groups.restart()
        return empty
      }),
    ],
  ])
}

function existing(groups: GroupRegistry, name: GroupName): RunningGroup {
  return groups.get(name.stream, name.group) ?? fail(groupDoesNotExist(name))
}

/** What no group can be set to. */
function check(readers: Readers, request: GroupRequest): void {
  const reason = flawOf(readers, request)
  if (reason !== undefined) fail(groupFailed(request, reason))
}

function flawOf(readers: Readers, request: GroupRequest): string | undefined {
  const { stream, group, filter, settings } = request
  if (stream === '') return 'A source stream is required.'
  if (group === '') return 'A group name is required.'
  if (createStrategy(settings.strategy) === undefined) return `Unknown consumer strategy ${settings.strategy}`
  if (settings.readBatchSize <= 0) return 'The read batch size must be at least 1'
  if (settings.readBatchSize >= settings.historyBufferSize) {
    return 'The read batch size must be smaller than the history buffer size'
  }
  // Compiles the filter, and so refuses a malformed one.
  const source = createSource(readers, { stream, group, filter, settings })
  const beyond = typeof settings.startFrom === 'number' && settings.startFrom > source.last()
  return stream === allStream && beyond ? 'The start position lies beyond the end of the log' : undefined
}

function fail(status: Status): never {
  throw new StatusError(status)
}
