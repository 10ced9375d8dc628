import { cpus, hostname, release, totalmem, type, version } from 'node:os'
import { Int32, Long } from 'bson'
import { isFields, type Fields } from '../bson/codec.ts'
import { largestDocument } from '../engine/collection.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import { serverVersion, type Commands } from './command.ts'
import { genericFields } from './known-fields.ts'
import { ok } from './replies.ts'

const megabyte = 1_048_576

/** What shells and Compass ask when they connect: which server this is, and on what machine. */
export const hostCommands: Commands = {
  buildInfo: () =>
    ok({
      version: serverVersion,
      gitVersion: 'counterfoil-embedded',
      modules: [],
      allocator: 'system',
      javascriptEngine: 'none',
      sysInfo: 'deprecated',
      versionArray: [...serverVersion.split('.').map(Number), 0].map((part) => new Int32(part)),
      bits: 64,
      debug: false,
      maxBsonObjectSize: largestDocument,
      storageEngines: ['lmdb'],
    }),

  hostInfo: () => {
    const memory = Long.fromNumber(Math.floor(totalmem() / megabyte))
    return ok({
      system: {
        currentTime: new Date(),
        hostname: hostname(),
        cpuAddrSize: 64,
        memSizeMB: memory,
        memLimitMB: memory,
        numCores: cpus().length,
        cpuArch: process.arch === 'x64' ? 'x86_64' : process.arch,
        numaEnabled: false,
      },
      os: { type: type(), name: version(), version: release() },
      extra: {},
    })
  },

  getCmdLineOpts: (_, { node }) =>
    ok({
      argv: process.argv,
      parsed: { net: { bindIp: node.host, port: node.port }, storage: { dbPath: node.directory } },
    }),

  getLog: (args) => {
    const name = args.string('getLog')
    if (name === '*') return ok({ names: logs })
    if (!logs.includes(name)) throw new MongoError('OperationFailed', `No log named '${name}'`)
    // The node writes its log to the standard output of its process, and keeps nothing of it.
    return ok({ totalLinesWritten: 0, log: [] })
  },

  getParameter: (args) => ok(parametersAskedFor(args)),
}

const logs = ['global', 'startupWarnings']

const parameters: Fields = {
  featureCompatibilityVersion: { version: serverVersion.split('.').slice(0, 2).join('.') },
  authenticationMechanisms: [],
  cursorTimeoutMillis: Long.fromNumber(10 * 60_000),
  internalQueryMaxBlockingSortMemoryUsageBytes: Long.fromNumber(100 * megabyte),
  notablescan: false,
}

function parametersAskedFor(args: Arguments): Fields {
  const wanted = args.value('getParameter')
  if (wanted === '*' || (isFields(wanted) && wanted['allParameters'] === true)) return parameters
  const asked = [...args.names].filter((name) => name !== 'getParameter' && !genericFields.has(name))
  const found = asked.filter((name) => name in parameters)
  if (found.length === 0) throw new MongoError('InvalidOptions', 'no option found to get')
  return Object.fromEntries(found.map((name) => [name, parameters[name]]))
}
