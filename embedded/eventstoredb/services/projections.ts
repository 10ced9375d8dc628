import {
  decodeCommand,
  decodeName,
  decodeStatistics,
  decodeUpdate,
  type StatisticsRequest,
} from '../codec/projection-requests.ts'
import { encodeEmptyObject, encodeStatistics } from '../codec/projection-responses.ts'
import type { Call } from '../grpc/call.ts'
import { frame } from '../grpc/frames.ts'
import { unary, type Handler, type Handlers } from '../grpc/server.ts'
import { Code, refuse } from '../grpc/status.ts'
import { ClosedError, InvalidQueryError, type ManagedProjection } from '../projections/managed-projection.ts'
import type { Projections } from '../projections/projections.ts'

const empty = new Uint8Array(0)

/** Projections: what this node has are the system projections, so there is none to create or delete. */
export function projectionHandlers(projections: Projections): Handlers {
  const command = (work: (message: Buffer) => Promise<void>): Handler =>
    unary(async (message) => {
      await carryOut(() => work(message))
      return empty
    })
  // A system projection has no state of its own: what it knows is in its streams.
  const state = unary((message) => {
    existing(projections, decodeName(message))
    return encodeEmptyObject()
  })
  return new Map<string, Handler>([
    [
      'Create',
      unary(() => refuse(Code.unimplemented, 'This node runs no JavaScript: it can not create projections.')),
    ],
    [
      'Update',
      command((message) => {
        const { name, query } = decodeUpdate(message)
        return existing(projections, name).update(query)
      }),
    ],
    [
      'Delete',
      unary((message) => {
        const { name } = existing(projections, decodeName(message))
        return refuse(Code.failedPrecondition, `'${name}' is a system projection, which can not be deleted.`)
      }),
    ],
    ['Statistics', answering((message, call) => sendStatistics(projections, message, call))],
    ['Enable', command((message) => existing(projections, decodeCommand(message).name).enable())],
    [
      'Disable',
      command((message) => {
        const { name, writeCheckpoint } = decodeCommand(message)
        return existing(projections, name).disable({ checkpoint: writeCheckpoint })
      }),
    ],
    ['Reset', command((message) => existing(projections, decodeCommand(message).name).reset())],
    ['State', state],
    ['Result', state],
    ['RestartSubsystem', command(() => projections.restart())],
  ])
}

function existing(projections: Projections, name: string): ManagedProjection {
  return projections.get(name) ?? refuse(Code.notFound, `Projection '${name}' not found`)
}

async function carryOut(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof InvalidQueryError) refuse(Code.invalidArgument, error.message)
    if (error instanceof ClosedError) refuse(Code.unavailable, error.message)
    throw error
  }
}

function sendStatistics(projections: Projections, message: Buffer, call: Call): void {
  const request = decodeStatistics(message)
  if (request === undefined)
    refuse(Code.invalidArgument, 'Statistics of what? Neither a name nor a mode is set.')
  else
    for (const { statistics } of asked(projections, request)) call.send(frame(encodeStatistics(statistics)))
}

function asked(projections: Projections, request: StatisticsRequest): readonly ManagedProjection[] {
  if (request.kind === 'one') return [existing(projections, request.name)]
  // System projections are continuous, all of them.
  return request.mode === 'all' || request.mode === 'continuous' ? projections.all() : []
}

/** One request, any number of responses. */
function answering(answer: (request: Buffer, call: Call) => void): Handler {
  return (call) => {
    let request: Buffer = Buffer.alloc(0)
    call.onMessages(
      (message) => (request = message),
      () => {
        answer(request, call)
        call.end()
      },
    )
  }
}
