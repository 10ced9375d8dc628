/**
 * What the official client can do at most: a server on the same transport that acknowledges appends without storing
 * them, and answers reads with events that it has ready. Prints its port.
 */
import { batchSuccessFrame, decodeBatchAppend } from '../codec/batch-append.ts'
import { decodeRead } from '../codec/read-request.ts'
import { RpcServer, type Handler } from '../grpc/server.ts'
import { healthRoutes } from '../http/health.ts'
import { httpSite } from '../http/site.ts'
import { EventRecord } from '../log/event-record.ts'
import { openAccess } from '../security/access.ts'
import { supportedMethods } from '../services/features.ts'
import { Pump } from '../services/pump.ts'
import { benchmarkEvent } from './benchmark-event.ts'

const acknowledge: Handler = (call) => {
  let position = 64
  call.respond()
  call.onMessages(
    (message) => {
      const { correlation, options } = decodeBatchAppend(message, Date.now())
      position += 400
      call.send(batchSuccessFrame(correlation, options?.stream ?? '', 0, position))
    },
    () => call.end(),
  )
}

const frames = Array.from({ length: 4096 }, (_, n) => {
  const { id, type, data, metadata } = benchmarkEvent()
  const event = {
    id,
    type,
    json: true,
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  }
  return EventRecord.propose(event, `order-${id}`, 0, 1_000_000 + n * 400).frame
})

const replay: Handler = (call) => {
  let wanted = 0
  call.onMessages(
    (message) => (wanted = decodeRead(message).count ?? 0),
    () => {
      const pump = new Pump(call, () => {
        for (let room = true; room && wanted > 0; wanted -= 1) {
          const frame = frames[wanted % frames.length]
          room = frame !== undefined && pump.send(frame)
        }
        if (wanted === 0) call.end()
        return wanted > 0
      })
      pump.wake()
    },
  )
}

const server = new RpcServer({
  handlers: new Map([
    [
      '/event_store.client.server_features.ServerFeatures/GetSupportedMethods',
      supportedMethods({ projections: false }),
    ],
    ['/event_store.client.streams.Streams/BatchAppend', acknowledge],
    ['/event_store.client.streams.Streams/Read', replay],
  ]),
  pages: httpSite([healthRoutes(() => true)]),
  access: openAccess,
})
console.log(`Null server listening on 127.0.0.1:${await server.listen(0, '127.0.0.1')}`)
process.once('SIGTERM', () => void server.close())
