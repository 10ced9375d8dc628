import { z } from 'zod'

import type { GroupSettings } from '../../persistent/settings.ts'
import type { StartFrom } from '../../persistent/start-from.ts'
import { Problem } from '../problem.ts'

const count = z.int()

/** What a group is set to where the request doesn't say: other than over gRPC, where clients send all of it. */
const posted = z.object({
  resolvelinktos: z.boolean().default(false),
  startfrom: z.int().min(-1).default(0),
  extrastatistics: z.boolean().default(false),
  messagetimeoutmilliseconds: count.default(10_000),
  maxretrycount: count.default(10),
  checkpointaftermilliseconds: count.default(1000),
  mincheckpointcount: count.default(10),
  maxcheckpointcount: count.default(500),
  maxsubscribercount: count.default(10),
  livebuffersize: count.default(500),
  readbatchsize: count.default(20),
  buffersize: count.default(500),
  namedconsumerstrategy: z.string().default('RoundRobin'),
})

const object = z.record(z.string(), z.unknown())

/** Settings as JSON has them, whose names a real node takes in capital and in small letters. */
export function parseSettings(json: unknown): GroupSettings {
  const members = object.safeParse(json)
  if (!members.success) throw new Problem(400, 'The settings of a group must be a JSON object.')
  const entries = Object.entries(members.data).map(([name, value]) => [name.toLowerCase(), value])
  const settings = posted.safeParse(Object.fromEntries(entries))
  if (!settings.success) throw new Problem(400, `These are no settings:\n${z.prettifyError(settings.error)}`)
  const { data } = settings
  return {
    startFrom: startOf(data.startfrom),
    resolveLinks: data.resolvelinktos,
    extraStatistics: data.extrastatistics,
    messageTimeoutMs: data.messagetimeoutmilliseconds,
    maxRetryCount: data.maxretrycount,
    checkpointAfterMs: data.checkpointaftermilliseconds,
    minCheckpointCount: data.mincheckpointcount,
    maxCheckpointCount: data.maxcheckpointcount,
    maxSubscribers: data.maxsubscribercount,
    liveBufferSize: data.livebuffersize,
    readBatchSize: data.readbatchsize,
    historyBufferSize: data.buffersize,
    strategy: data.namedconsumerstrategy,
  }
}

const startOf = (revision: number): StartFrom => {
  if (revision < 0) return 'end'
  return revision === 0 ? 'start' : revision
}
