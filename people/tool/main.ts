import { userInfo } from 'node:os'
import { z } from 'zod'
import { writerOf } from '../../eventstore/transact.ts'
import { eventStoreClient, mongoClient } from '../../service/clients.ts'
import { parseConfig, settings } from '../../service/config.ts'
import { user } from '../user.ts'
import { commandOf, HELP, Misuse } from './command.ts'
import type { Command } from './command.ts'
import { runCommand } from './run.ts'

const run = async (command: Command): Promise<string> => {
  const { EVENTSTORE_URL, MONGODB_URL, MONGODB_DATABASE } = parseConfig(
    z.object({
      EVENTSTORE_URL: settings.EVENTSTORE_URL,
      MONGODB_URL: settings.MONGODB_URL,
      MONGODB_DATABASE: settings.MONGODB_DATABASE,
    }),
    process.env,
  )
  const client = eventStoreClient(EVENTSTORE_URL, 'people-tool')
  const mongo = mongoClient(MONGODB_URL, 'people-tool')
  const newId = () => crypto.randomUUID()
  try {
    return await runCommand(command, {
      users: writerOf(user, { client, now: () => new Date(), newId }),
      db: mongo.db(MONGODB_DATABASE),
      actor: userInfo().username,
      newId,
    })
  } finally {
    await client.dispose()
    await mongo.close()
  }
}

try {
  const command = commandOf(process.argv.slice(2))
  console.log(command ? await run(command) : HELP)
} catch (fault) {
  const isMisuse = fault instanceof Misuse
  console.error(isMisuse ? HELP : fault instanceof Error ? fault.message : fault)
  process.exitCode = isMisuse ? 2 : 1
}
