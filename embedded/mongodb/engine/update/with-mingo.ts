import { update as mingoUpdate, updateOne } from 'mingo'
import { isFields, toFields, toRaw, type Fields } from '../../bson/codec.ts'
import { ElementReader, fieldOf } from '../../bson/element-reader.ts'
import type { RawDocument } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError, asMongoError } from '../../errors.ts'
import type { Filter } from '../filter.ts'
import { mingoOptions } from '../mingo.ts'

const known = new Set(
  '$set $unset $inc $mul $min $max $rename $currentDate $push $addToSet $pull $pullAll $pop $bit'.split(' '),
)

/** All update operators, by mingo. Fields that it left alone keep their bytes, and so their exact types. */
export function applyOperators(
  { $setOnInsert, ...operators }: Fields,
  arrayFilters: readonly Fields[],
  document: RawDocument,
  filter: Filter,
  inserting: boolean,
): RawDocument {
  const fields = toFields(document)
  const all: Fields = { ...operators }
  if (inserting && isFields($setOnInsert)) {
    const set = all['$set']
    all['$set'] = isFields(set) ? { ...set, ...$setOnInsert } : $setOnInsert
  }
  for (const name of Object.keys(all))
    if (!known.has(name))
      throw new MongoError('FailedToParse', `Unknown modifier: ${name}. Expected a valid update modifier`)
  for (const [name, operand] of Object.entries(all))
    if (!isFields(operand))
      throw new MongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found another type for ${name}`,
      )
  const condition = inserting ? {} : toFields(filter.raw)
  const modified = asked(() =>
    mingoUpdate(fields, all, [...arrayFilters], condition, { cloneMode: 'deep', queryOptions: mingoOptions }),
  )
  return onlyChanged(document, fields, new Set(modified.map((path) => path.split('.', 1)[0] ?? path)))
}

export function applyPipeline(stages: readonly Fields[], document: RawDocument): RawDocument {
  const id = toFields(document)['_id']
  const documents = [toFields(document)]
  // mingo tells its stages apart by their one key; that each has a known one it checks itself.
  asked(() => updateOne(documents, { _id: { $exists: true } }, stages.map(asStage), {}, mingoOptions))
  const [result = {}] = documents
  return toRaw('_id' in result ? result : { _id: id, ...result })
}

function asStage(stage: Fields): { $set: Fields } | { $unset: string[] } | { $replaceWith: Fields } {
  const { $set = stage['$addFields'], $unset, $replaceWith, $replaceRoot } = stage
  if (isFields($set)) return { $set }
  if (typeof $unset === 'string') return { $unset: [$unset] }
  if (Array.isArray($unset)) return { $unset: $unset.map(String) }
  if (isFields($replaceWith)) return { $replaceWith }
  if (isFields($replaceRoot) && isFields($replaceRoot['newRoot']))
    return { $replaceWith: $replaceRoot['newRoot'] }
  throw new MongoError(
    'BadValue',
    `Unrecognized or unsupported stage in an update: ${Object.keys(stage).join()}`,
  )
}

function onlyChanged(document: RawDocument, fields: Fields, changed: ReadonlySet<string>): RawDocument {
  const fresh = toRaw(Object.fromEntries(Object.entries(fields).filter(([name]) => changed.has(name))))
  const out = new BsonWriter(document.length + 256)
  const written = new Set<string>()
  const reader = new ElementReader(document)
  while (reader.next()) {
    const name = reader.name()
    written.add(name)
    const value = changed.has(name) ? fieldOf(fresh, name) : reader.value()
    if (value) out.value(name, value)
  }
  const added = new ElementReader(fresh)
  while (added.next()) if (!written.has(added.name())) out.raw(added.element())
  return out.finish()
}

function asked<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new MongoError('BadValue', asMongoError(error).message)
  }
}
