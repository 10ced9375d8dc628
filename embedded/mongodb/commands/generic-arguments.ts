import type { Operation } from '../engine/operation.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'

const longestTime = 2 ** 31 - 1
const readLevels = new Set(['local', 'available', 'majority'])
const replicatedLevels = new Set(['linearizable', 'snapshot'])

/** The commands of MongoDB's stable API, version 1. */
const stable = new Set(
  (
    'abortTransaction aggregate bulkWrite collMod commitTransaction count create createIndexes delete drop ' +
    'dropDatabase dropIndexes endSessions explain find findAndModify getMore hello insert killCursors ' +
    'listCollections listDatabases listIndexes ping refreshSessions update'
  ).split(' '),
)

/**
 * What any command may ask for besides its own: refused where a single node can't keep it, and otherwise true anyway,
 * since every read sees what is committed and every acknowledged write is on disk.
 */
export function checkGenericArguments(command: string, args: Arguments, operation: Operation): void {
  if (args.has('txnNumber') || args.has('startTransaction') || args.has('autocommit')) refuseTransaction()
  if (args.has('readConcern')) checkReadConcern(args)
  if (args.has('writeConcern')) checkWriteConcern(args)
  if (args.has('apiVersion') || args.has('apiStrict') || args.has('apiDeprecationErrors'))
    checkApi(command, args)
  if (args.has('maxTimeMS')) operation.limitTo(timeLimitOf(args))
}

function refuseTransaction(): never {
  throw new MongoError(
    'IllegalOperation',
    'Transaction numbers are only allowed on a replica set member or mongos',
  )
}

function checkReadConcern(args: Arguments): void {
  const concern = new Arguments('readConcern', args.document('readConcern'))
  const level = concern.optionalString('level') ?? 'local'
  if (replicatedLevels.has(level))
    throw new MongoError(
      'NotAReplicaSet',
      `node needs to be a replica set member to use readConcern level ${level}`,
    )
  if (!readLevels.has(level))
    throw new MongoError(
      'BadValue',
      `Enumeration value '${level}' for field 'readConcern.level' is not a valid value.`,
    )
  if (concern.has('afterClusterTime') || concern.has('atClusterTime'))
    throw new MongoError(
      'IllegalOperation',
      'Cannot specify afterClusterTime or atClusterTime readConcern without replication enabled',
    )
}

function checkWriteConcern(args: Arguments): void {
  const w = new Arguments('writeConcern', args.document('writeConcern')).value('w')
  if (typeof w === 'number' && w > 1)
    throw new MongoError('BadValue', "cannot use 'w' > 1 when a host is not replicated")
  if (typeof w === 'string' && w !== 'majority')
    throw new MongoError(
      'BadValue',
      `cannot use non-majority 'w' mode ${w} when a host is not a member of a replica set`,
    )
}

function checkApi(command: string, args: Arguments): void {
  const version = args.optionalString('apiVersion')
  if (version === undefined)
    throw new MongoError(
      'APIVersionError',
      "Provided 'apiStrict' or 'apiDeprecationErrors' without 'apiVersion'",
    )
  if (version !== '1') throw new MongoError('APIVersionError', `API version must be "1", got ${version}`)
  if (args.boolean('apiStrict', false) && !stable.has(command))
    throw new MongoError(
      'APIStrictError',
      `Provided apiStrict:true, but the command ${command} is not in API Version 1`,
    )
}

function timeLimitOf(args: Arguments): number {
  const limit = args.number('maxTimeMS')
  if (!Number.isInteger(limit) || limit < 0 || limit > longestTime)
    throw new MongoError('BadValue', `${limit} value for maxTimeMS is out of range [0, ${longestTime}]`)
  return limit
}
