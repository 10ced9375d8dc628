/**
 * What the node costs, small and large: `node embedded/mongodb/bench/main.ts [--documents 1000000] [--seconds 2]`. The
 * node runs in a process of its own, so that its CPU and memory (read from /proc, so on Linux) are not the driver's.
 */
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { z } from 'zod'
import { temporaryDirectory } from '../behaviour/server.ts'
import { ChildNode } from '../durability/child-node.ts'
import { measureDefinitions } from './definitions.ts'
import { idOf, type Order } from './documents.ts'
import { fill, makeIndexes } from './fill.ts'
import { measureHotPaths } from './hot-paths.ts'
import { memoryOf } from './process.ts'
import { measureReads } from './reads.ts'
import { row } from './table.ts'

const few = 1_000
const settings = z.object({
  documents: z.coerce
    .number()
    .int()
    .min(few * 2)
    .default(1_000_000),
  seconds: z.coerce.number().positive().default(2),
})

const { values } = parseArgs({ options: { documents: { type: 'string' }, seconds: { type: 'string' } } })
const { documents, seconds } = settings.parse(values)
const directory = temporaryDirectory()
let node = await ChildNode.start(directory)
let client = await MongoClient.connect(node.url, { maxPoolSize: 16 })
const orders = () => client.db('bench').collection<Order>('orders')

function memory(when: string): void {
  const { own, mapped } = memoryOf(node.pid)
  const file = Math.round(statSync(join(directory, 'data.mdb')).size / 1_048_576)
  row(`memory ${when}`, `own ${own} MB`, `mapped ${mapped} MB`, `file ${file} MB`)
}

async function fillUp(from: number, until: number): Promise<void> {
  for (const { orders: count, perSecond, cpu } of await fill(client, node.pid, from, until))
    row(`filled to ${count} documents`, `${Math.round(perSecond)}/s`, `${cpu.toFixed(1)} µs CPU`)
}

await makeIndexes(client)
await fillUp(0, few)
await measureReads(orders(), few)
memory(`at ${few} documents`)
await fillUp(few, documents)
await measureReads(orders(), documents)
memory(`at ${documents} documents`)
await measureHotPaths(client, node.pid, seconds)
await measureDefinitions(client, orders(), () => idOf('order', Math.floor(Math.random() * documents)))
memory('after an index build')

await client.close()
await node.end('SIGTERM')
const began = performance.now()
node = await ChildNode.start(directory)
client = await MongoClient.connect(node.url, { maxPoolSize: 16 })
await orders().findOne({ _id: idOf('order', 1) })
row('start of the node to the first answer', `${((performance.now() - began) / 1_000).toFixed(2)} s`)
await client.close()
await node.end('SIGTERM')
rmSync(directory, { recursive: true })
