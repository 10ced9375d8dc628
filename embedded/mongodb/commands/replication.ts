import { MongoError } from '../errors.ts'
import type { Command, Commands } from './command.ts'

const notReplicated: Command = () => {
  throw new MongoError('NoReplicationEnabled', 'not running with --replSet')
}

/** What only a replica set has, refused with the words of a standalone server. */
export const replicationCommands: Commands = {
  replSetGetStatus: notReplicated,
  replSetGetConfig: notReplicated,
  replSetInitiate: () => {
    throw new MongoError('NoReplicationEnabled', 'This node was not started with replication enabled.')
  },
  commitTransaction: outsideOfTransaction('commitTransaction'),
  abortTransaction: outsideOfTransaction('abortTransaction'),
}

function outsideOfTransaction(name: string): Command {
  return () => {
    throw new MongoError('InvalidOptions', `${name} must be run within a transaction`)
  }
}
