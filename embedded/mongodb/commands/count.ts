import { toRaw } from '../bson/codec.ts'
import type { RawDocument, RawValue } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import { largestDocument, type Collection } from '../engine/collection.ts'
import { compileFilter } from '../engine/filter.ts'
import { encodeValue } from '../engine/keys/encode.ts'
import { inSlices } from '../engine/operation.ts'
import { isMissing, pathOf, valuesAt } from '../engine/paths.ts'
import { countStream, runQuery, type Query } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { resolveHint } from './hint.ts'
import { namespaceOf } from './namespace.ts'
import { after, ok } from './replies.ts'

export const countCommands: Commands = {
  count: (args, context) => {
    const collection = context.store.catalog.get(namespaceOf(context, args.collection()))
    const query = readCount(args, collection)
    if (collection === undefined) return ok({ n: 0 })
    let reply = ok({ n: 0 })
    const stream = countStream(collection, query, (n) => [toRaw({ n, ok: 1 })])
    const take = (counted: RawDocument): boolean => {
      reply = counted
      return true
    }
    const work = inSlices(context.operation, () => stream.run(take, context.operation))
    return after(work, () => reply)
  },

  distinct: (args, context) => {
    const collection = context.store.catalog.get(namespaceOf(context, args.collection()))
    const values = new DistinctValues(args.string('key'))
    const query = readDistinct(args, collection)
    if (collection === undefined) return values.reply()
    const search = runQuery(collection, query)
    const work = inSlices(context.operation, () =>
      search.run((document) => values.add(document), context.operation),
    )
    return after(work, () => values.reply())
  },
}

export function readCount(args: Arguments, collection: Collection | undefined): Query {
  args.refuseCollation()
  // A negative limit is the same limit: an older way to ask for one batch.
  const limit = Math.abs(args.optionalNumber('limit') ?? 0)
  return { ...readDistinct(args, collection), skip: args.count('skip') ?? 0, limit }
}

export function readDistinct(args: Arguments, collection: Collection | undefined): Query {
  args.refuseCollation()
  return {
    filter: compileFilter(args.filter('query')),
    sort: [],
    skip: 0,
    limit: 0,
    hint: collection && resolveHint(collection, args.raw('hint')),
  }
}

/** The values of a field, each once, in their order. What is held is no more than one answer can carry. */
class DistinctValues {
  readonly #path: readonly string[]
  readonly #found = new Map<string, { readonly key: Buffer; readonly value: RawValue }>()
  #size = 0

  constructor(key: string) {
    this.#path = pathOf(key)
  }

  add(document: RawDocument): boolean {
    for (const value of valuesAt(document, this.#path).values) {
      if (isMissing(value)) continue
      const key = encodeValue(value)
      const text = key.toString('latin1')
      if (this.#found.has(text)) continue
      this.#found.set(text, { key, value: detached(value) })
      this.#size += value.end - value.start
      if (this.#size > largestDocument) throw new MongoError('Location17217', 'distinct too big, 16mb cap')
    }
    return true
  }

  reply(): RawDocument {
    const sorted = [...this.#found.values()].toSorted((a, b) => a.key.compare(b.key))
    const out = new BsonWriter().openArray('values')
    sorted.forEach(({ value }, i) => out.value(String(i), value))
    return out.close().double('ok', 1).finish()
  }
}

/** The value with bytes of its own, so that it doesn't hold the document that it came from. */
function detached({ type, bytes, start, end }: RawValue): RawValue {
  return { type, bytes: Buffer.from(bytes.subarray(start, end)), start: 0, end: end - start }
}
