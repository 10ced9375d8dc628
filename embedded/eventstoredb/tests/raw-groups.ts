import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'

import { openRawCall, rawCall, type RawCall, type RawReply } from './raw-call.ts'

/** Calls about consumer groups that the official client has messages but no words for. */
const service = '/event_store.client.persistent_subscriptions.PersistentSubscriptions'

type Settings = InstanceType<typeof persistent.CreateReq.Settings>

/** A group on a stream; `change` sets what the official client can't. */
export function createRaw(
  url: string,
  { stream, group }: { stream: string; group: string },
  change: (settings: Settings) => void,
): Promise<RawReply> {
  const settings = new persistent.CreateReq.Settings()
  settings.setReadBatchSize(20).setHistoryBufferSize(500).setLiveBufferSize(500).setMaxRetryCount(10)
  settings.setMessageTimeoutMs(30_000).setMaxCheckpointCount(1000).setMinCheckpointCount(10)
  change(settings)
  const source = new persistent.CreateReq.StreamOptions()
  source.setStreamIdentifier(identifier(stream)).setStart(new shared.Empty())
  const options = new persistent.CreateReq.Options()
  options.setStream(source).setGroupName(group).setSettings(settings)
  const request = new persistent.CreateReq().setOptions(options)
  return rawCall(url, `${service}/Create`, [request.serializeBinary()])
}

export function replayRaw(
  url: string,
  { stream, group, stopAt }: { stream: string; group: string; stopAt: number },
): Promise<RawReply> {
  const options = new persistent.ReplayParkedReq.Options()
  options.setStreamIdentifier(identifier(stream)).setGroupName(group).setStopAt(String(stopAt))
  const request = new persistent.ReplayParkedReq().setOptions(options)
  return rawCall(url, `${service}/ReplayParked`, [request.serializeBinary()])
}

/** A consumer of a group on a stream. */
export class RawConsumer {
  readonly call: RawCall

  constructor(url: string) {
    this.call = openRawCall(url, `${service}/Read`)
  }

  connect(stream: string, group: string, { bufferSize = 10, structuredIds = false } = {}): void {
    const ids = new persistent.ReadReq.Options.UUIDOption()
    if (structuredIds) ids.setStructured(new shared.Empty())
    else ids.setString(new shared.Empty())
    const options = new persistent.ReadReq.Options()
    options.setStreamIdentifier(identifier(stream)).setGroupName(group)
    options.setBufferSize(bufferSize).setUuidOption(ids)
    this.call.send(new persistent.ReadReq().setOptions(options).serializeBinary())
  }

  ack(ids: readonly InstanceType<typeof shared.UUID>[]): void {
    const ack = new persistent.ReadReq.Ack().setIdsList([...ids])
    this.call.send(new persistent.ReadReq().setAck(ack).serializeBinary())
  }

  nack(ids: readonly InstanceType<typeof shared.UUID>[], action: 0 | 1 | 2 | 3 | 4): void {
    const nack = new persistent.ReadReq.Nack().setIdsList([...ids]).setAction(action)
    this.call.send(new persistent.ReadReq().setNack(nack).serializeBinary())
  }

  /** The first `count` answers, the confirmation among them. */
  async receive(count: number): Promise<InstanceType<typeof persistent.ReadResp>[]> {
    const messages = await this.call.receive(count)
    return messages.map((message) => persistent.ReadResp.deserializeBinary(message))
  }
}

function identifier(stream: string): InstanceType<typeof shared.StreamIdentifier> {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64'))
}
