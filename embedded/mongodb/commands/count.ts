import type { RawValue } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import { compileFilter } from '../engine/filter.ts'
import { encodeValue } from '../engine/keys/encode.ts'
import { isMissing, pathOf, valuesAt } from '../engine/paths.ts'
import { countMatching, runQuery } from '../engine/query.ts'
import type { Commands } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { ok } from './replies.ts'

export const countCommands: Commands = {
  count: (args, context) => {
    const collection = context.store.catalog.get(namespaceOf(context, args.string('count')))
    const filter = compileFilter(args.filter('query'))
    if (collection === undefined) return ok({ n: 0 })
    const skip = args.count('skip') ?? 0
    const limit = Math.abs(args.optionalNumber('limit') ?? 0)
    return ok({ n: countMatching(collection, { filter, sort: [], skip, limit }) })
  },

  distinct: (args, context) => {
    const path = pathOf(args.string('key'))
    const filter = compileFilter(args.filter('query'))
    const collection = context.store.catalog.get(namespaceOf(context, args.string('distinct')))
    const found = new Map<string, { key: Buffer; value: RawValue }>()
    if (collection)
      runQuery(collection, { filter, sort: [], skip: 0, limit: 0 }).run((document) => {
        for (const value of valuesAt(document, path).values) {
          if (isMissing(value)) continue
          const key = encodeValue(value)
          found.set(key.toString('latin1'), { key, value })
        }
        return true
      })
    const sorted = [...found.values()].sort((a, b) => a.key.compare(b.key))
    const out = new BsonWriter().openArray('values')
    sorted.forEach(({ value }, i) => out.value(String(i), value))
    return out.close().double('ok', 1).finish()
  },
}
