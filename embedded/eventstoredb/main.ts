import { stat } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'

import { commandOf, usage } from './command-line.ts'
import { EventLog } from './log/event-log.ts'
import { DiskFiles } from './log/files/disk-files.ts'
import { lockDirectory } from './log/files/directory-lock.ts'
import { verify } from './log/verify.ts'
import { EventStoreDBNode, type NodeOptions } from './node.ts'

const report = (what: string): void => console.error(what)

async function main(): Promise<void> {
  const command = await commandOf(process.argv.slice(2), process.env)
  if (command.kind === 'help') console.log(usage)
  else if (command.kind === 'verify') await verifyStore(command.db)
  else await run(command.options)
}

async function run(options: NodeOptions): Promise<void> {
  const node = await EventStoreDBNode.start({ ...options, report })
  const data = options.db === undefined ? ', its data in memory only,' : ''
  console.log(`EventStoreDB node${data} listening on ${node.host}:${node.port}`)
  // Where Node keeps what it compiled, a node that is killed leaves it to the next one, too.
  flushCompileCache()
  const stop = (): void => {
    node.stop().then(() => process.exit(0), fail)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

async function verifyStore(db: string): Promise<void> {
  await stat(db)
  const unlock = await lockDirectory(db)
  const log = await EventLog.open(await DiskFiles.at(db), { report })
  const { events, findings } = await verify(log)
  for (const finding of findings) console.error(finding)
  console.log(findings.length === 0 ? `${events} events, all as written.` : 'The database is damaged.')
  await log.close()
  await unlock()
  if (findings.length > 0) process.exitCode = 1
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error)
  console.error(`The EventStoreDB node can't run: ${message}`)
  process.exit(1)
}

main().catch(fail)
