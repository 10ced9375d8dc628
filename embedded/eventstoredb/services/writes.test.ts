import { randomUUID } from 'node:crypto'

import { afterEach, expect, it } from 'vitest'

import { RpcServer, type Handlers } from '../grpc/server.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'
import { openAccess } from '../security/access.ts'
import { rawCall } from '../tests/raw-call.ts'
import {
  batchChunk,
  batchResponse,
  Message,
  proposed,
  streamsService,
  textId,
  writeOptions,
} from '../tests/raw-streams.ts'
import { append } from './append.ts'
import { defaultLimits } from './append-limits.ts'
import { batchAppend } from './batch-append.ts'
import { withinTime } from './write-timeout.ts'

/** A disk that doesn't answer, and what it is asked to write. */
const stuck = (backlog: number): Pick<EventLog, 'append' | 'backlog' | 'whenDurable'> => ({
  append: () => undefined,
  whenDurable: () => undefined,
  backlog,
})

let running: RpcServer | undefined
afterEach(() => running?.close())

async function serve(log: ReturnType<typeof stuck>, limits = defaultLimits): Promise<string> {
  const context = { log, access: openAccess }
  const handlers: Handlers = new Map([
    [`${streamsService}/Append`, append(context, limits)],
    [`${streamsService}/BatchAppend`, batchAppend(context, limits)],
  ])
  running = new RpcServer({ handlers, pages: () => undefined, access: openAccess })
  return `esdb://127.0.0.1:${await running.listen(0, '127.0.0.1')}?tls=false`
}

const appendOne = (event = proposed()): Uint8Array[] => [
  new Message().bytes(1, writeOptions('note-1')).encoded,
  new Message().bytes(2, event).encoded,
]

it('a write that the disk does not finish in two seconds times out', async () => {
  const url = await serve(stuck(0))
  const begun = Date.now()
  const correlation = textId(randomUUID())
  const [classic, batch] = await Promise.all([
    rawCall(url, `${streamsService}/Append`, appendOne()),
    rawCall(url, `${streamsService}/BatchAppend`, [
      batchChunk({ correlation, options: writeOptions('note-1'), events: [proposed()] }),
    ]),
  ])
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1990)
  expect(classic.code).toBe(10)
  expect(classic.trailers).not.toHaveProperty('exception')
  expect(batchResponse(batch.messages[0]).getError()?.getMessage()).toBe('Timeout')
})

it('a batch append waits no longer than its client does', async () => {
  const url = await serve(stuck(0))
  const begun = Date.now()
  const options = writeOptions('note-1').bytes(7, new Message().number(2, 100_000_000))
  const { messages } = await rawCall(url, `${streamsService}/BatchAppend`, [
    batchChunk({ correlation: textId(randomUUID()), options, events: [proposed()] }),
  ])
  expect(batchResponse(messages[0]).getError()?.getMessage()).toBe('Timeout')
  expect(Date.now() - begun).toBeLessThan(1500)
})

it('a node with too much waiting for its disk is unavailable to single appends', async () => {
  const url = await serve(stuck(2 ** 30))
  const reply = await rawCall(url, `${streamsService}/Append`, appendOne())
  expect(reply.code).toBe(14)
})

it('an event may be limited in its size, beside the append as a whole', async () => {
  const url = await serve(stuck(0), { append: 1024, event: 100 })
  const id = randomUUID()
  const event = proposed({ id: textId(id), data: Buffer.alloc(91) })
  const reply = await rawCall(url, `${streamsService}/Append`, appendOne(event))
  expect(reply.code).toBe(3)
  expect(reply.trailers).toMatchObject({
    exception: 'maximum-append-event-size-exceeded',
    'event-id': id,
    'maximum-append-event-size': '100',
    'proposed-append-event-size': '101',
  })
  const { messages } = await rawCall(url, `${streamsService}/BatchAppend`, [
    batchChunk({ correlation: textId(randomUUID()), options: writeOptions('note-1'), events: [event] }),
  ])
  const error = batchResponse(messages[0]).getError()
  expect(error?.getCode()).toBe(3)
  expect(error?.getMessage()).toBe('MaximumAppendEventSizeExceeded')
  const details = new Message().string(1, id).number(2, 101).number(3, 100)
  expect(error?.getDetails()?.getValue_asU8()).toEqual(new Uint8Array(details.encoded))
})

it('a result is given once: at once, later, or not at all', async () => {
  const results: (AppendResult | 'timeout')[] = []
  const done: AppendResult = { kind: 'deleted' }
  withinTime<AppendResult>(
    1000,
    (answer) => answer(done),
    (result) => results.push(result),
  )
  expect(results).toEqual([done])
  let answerLate: ((result: AppendResult) => void) | undefined
  await new Promise<void>((resolve) => {
    withinTime<AppendResult>(
      1,
      (answer) => (answerLate = answer),
      (result) => {
        results.push(result)
        resolve()
      },
    )
  })
  answerLate?.(done)
  expect(results).toEqual([done, 'timeout'])
})
