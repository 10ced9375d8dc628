import type { Collection, Document, Filter, FindOptions } from 'mongodb'
import { z } from 'zod'
import { customerOf, idOf, order, type Order } from './documents.ts'
import { percentiles } from './process.ts'
import { row } from './table.ts'

interface Question {
  readonly name: string
  readonly ask: (i: number) => { readonly filter: Filter<Order>; readonly options: FindOptions }
}

const rounds = 2_000

const questions: readonly Question[] = [
  { name: 'by _id', ask: (i) => ({ filter: { _id: idOf('order', i) }, options: {} }) },
  {
    name: 'equality on an index, 20 documents',
    ask: (i) => ({ filter: { customerId: customerOf(i * 7_919) }, options: { limit: 20 } }),
  },
  {
    name: 'page of 20 by equality, range and sort',
    ask: (i) => ({
      filter: { customerId: customerOf(i * 7_919), placedPosition: { $lte: order(i).placedPosition } },
      options: { limit: 20, sort: { placedPosition: -1 } },
    }),
  },
]

const explained = z.object({
  executionStats: z.object({
    nReturned: z.number(),
    totalKeysExamined: z.number(),
    totalDocsExamined: z.number(),
  }),
})

/** What a question costs: how long one client waits for its answer, and what is looked at for it. */
export async function measureReads(orders: Collection<Order>, documents: number): Promise<void> {
  row(`reads of ${documents} documents`, 'p50 ms', 'p99 ms', 'returned', 'examined')
  for (const { name, ask } of questions) {
    const times: number[] = []
    for (let round = 0; round < rounds; round++) {
      const { filter, options } = ask((round * 104_729) % documents)
      const began = performance.now()
      await orders.find(filter, options).toArray()
      times.push(performance.now() - began)
    }
    const { filter, options } = ask(documents - 1)
    const explanation: Document = await orders.find(filter, options).explain('executionStats')
    const { executionStats: stats } = explained.parse(explanation)
    const [p50 = 0, p99 = 0] = percentiles(times, 0.5, 0.99)
    row(name, p50.toFixed(2), p99.toFixed(2), stats.nReturned, stats.totalDocsExamined)
  }
}
