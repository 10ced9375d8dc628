import {
  decodeCreateGroup,
  decodeDeleteGroup,
  decodeGetInfo,
  decodeList,
  decodeReplayParked,
  decodeUpdateGroup,
} from '../codec/persistent-requests.ts'
import { encodeGetInfo, encodeList } from '../codec/persistent-info.ts'
import type { Call } from '../grpc/call.ts'
import { unary, type Handler, type Handlers } from '../grpc/server.ts'
import type { GroupOperations } from './group-operations.ts'

const empty = new Uint8Array(0)

/** PersistentSubscriptions: everything but consuming. */
export function managementHandlers(groups: GroupOperations): Handlers {
  return new Map<string, Handler>([
    [
      'Create',
      command((message, { principal }) => groups.create(decodeCreateGroup(message), principal.name)),
    ],
    [
      'Update',
      command((message, { principal }) => groups.update(decodeUpdateGroup(message), principal.name)),
    ],
    [
      'Delete',
      command((message, { principal }) => groups.delete(decodeDeleteGroup(message), principal.name)),
    ],
    ['GetInfo', unary((message) => encodeGetInfo(groups.info(decodeGetInfo(message))))],
    ['List', unary((message) => encodeList(groups.list(decodeList(message))))],
    [
      'ReplayParked',
      unary((message) => {
        const { stopAt, ...name } = decodeReplayParked(message)
        groups.replayParked(name, stopAt)
        return empty
      }),
    ],
    ['RestartSubsystem', command(() => groups.restart())],
  ])
}

const command = (run: (message: Buffer, call: Call) => Promise<void>): Handler =>
  unary(async (message, call) => {
    await run(message, call)
    return empty
  })
