import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { parseConfig, settings } from '../../service/config.ts'
import { eventStoreClient, mongoClient } from '../../service/clients.ts'
import { foldables } from '../all.ts'
import { standings } from '../standing.ts'
import { rebuildAndWatch } from './rebuild.ts'
import { skipStopped } from './skip.ts'
import { statusTable } from './status.ts'

const NAMES = foldables.map(({ name }) => name)
const HELP = `npm run projections -- <command>

  status                        where each read model stands: position, lag, what stopped it
  rebuild <name|all> [--verify] builds read models anew while the present ones serve, and switches when they are
                                caught up; --verify compares all documents first and does not switch if any differ
  skip <name> --reason "…" [--and-following]
                                goes on without the event that a read model has stopped at (and what follows it
                                in its stream)

Read models: ${NAMES.join(', ')}. Servers: EVENTSTORE_URL, MONGODB_URL, MONGODB_DATABASE.
A build goes on by itself when this command or the projections are killed and started again.
`

/** The command line makes no sense. */
class Misuse extends Error {}

const Command = z.discriminatedUnion('command', [
  z.object({ command: z.literal('status') }),
  z.object({ command: z.literal('rebuild'), name: z.enum(['all', ...NAMES]), verify: z.boolean() }),
  z.object({
    command: z.literal('skip'),
    name: z.enum(NAMES),
    reason: z.string(),
    andFollowing: z.boolean(),
  }),
])
type Command = z.infer<typeof Command>

const commandOf = (): Command | undefined => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      verify: { type: 'boolean', default: false },
      reason: { type: 'string' },
      'and-following': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const [command, name, ...more] = positionals
  if (values.help) return undefined
  const { verify, reason, 'and-following': andFollowing } = values
  const parsed = Command.safeParse({ command, name, verify, reason, andFollowing })
  if (!parsed.success || more.length > 0) throw new Misuse()
  return parsed.data
}

const run = async (command: Command): Promise<boolean> => {
  const { EVENTSTORE_URL, MONGODB_URL, MONGODB_DATABASE } = parseConfig(
    z.object({
      EVENTSTORE_URL: settings.EVENTSTORE_URL,
      MONGODB_URL: settings.MONGODB_URL,
      MONGODB_DATABASE: settings.MONGODB_DATABASE,
    }),
    process.env,
  )
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () =>
      interrupted.abort(new Error('interrupted; the build goes on when projections run')),
    )
  const client = eventStoreClient(EVENTSTORE_URL, 'projections-tool')
  const mongo = mongoClient(MONGODB_URL, 'projections-tool')
  const parts = {
    client,
    db: mongo.db(MONGODB_DATABASE),
    projections: foldables,
    now: () => new Date(),
    newId: () => crypto.randomUUID(),
  }
  try {
    switch (command.command) {
      case 'status': {
        const found = await standings(parts)
        console.log(statusTable(found))
        return found.every(({ condition }) => condition === 'FOLDING' || condition === 'BUILDING')
      }
      case 'rebuild': {
        const names = command.name === 'all' ? NAMES : [command.name]
        const { verify } = command
        const { signal } = interrupted
        const clock = () => performance.now()
        return await rebuildAndWatch({
          ...parts,
          names,
          verify,
          signal,
          clock,
          show: screen.show,
          say: screen.say,
        })
      }
      case 'skip':
        console.log(await skipStopped({ ...parts, ...command, actor: userInfo().username }))
        return true
      default:
        return command satisfies never
    }
  } finally {
    await client.dispose()
    await mongo.close()
  }
}

/** A terminal keeps one line for progress; anything else gets a line for each new tenth. */
const screenOf = (out: NodeJS.WriteStream) => {
  let shown = ''
  const clear = () => (out.isTTY && shown ? out.write('\r\x1b[K') : true)
  return {
    show: (line: string) => {
      if (out.isTTY) {
        clear()
        out.write(line)
        shown = line
        return
      }
      const tenth = /(\d+)\d %/.exec(line)?.[1] ?? '0'
      if (tenth !== shown) out.write(`${line}\n`)
      shown = tenth
    },
    say: (line: string) => {
      clear()
      out.write(`${line}\n`)
      shown = ''
    },
  }
}
const screen = screenOf(process.stdout)

try {
  const command = commandOf()
  if (!command) console.log(HELP)
  else process.exitCode = (await run(command)) ? 0 : 1
} catch (fault) {
  const isMisuse = fault instanceof Misuse || (fault instanceof TypeError && 'code' in fault)
  console.error(isMisuse ? HELP : fault instanceof Error ? fault.message : fault)
  process.exitCode = isMisuse ? 2 : 1
}
