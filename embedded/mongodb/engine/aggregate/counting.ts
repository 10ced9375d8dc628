import { isDocument, nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { show } from '../../bson/show.ts'
import { BsonType, isNumeric, type RawDocument, type RawValue } from '../../bson/types.ts'
import { documentValue, numberOf, textOf } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compileFilter } from '../filter.ts'
import { parseSort } from '../sort.ts'
import { Sorter } from '../sorter.ts'
import { each, type PipelineContext, type Transform } from './stage.ts'
import { Memory } from './memory.ts'

export function filterOf(operand: RawValue, { variables }: Pick<PipelineContext, 'variables'>) {
  if (!isDocument(operand))
    throw new MongoError('Location15959', 'the match filter must be an expression in an object')
  return compileFilter(nested(operand), variables)
}

export function match(operand: RawValue, context: PipelineContext): Transform {
  const { test } = filterOf(operand, context)
  return each((document) => (test(document) ? [document] : []))
}

export function limitOf(operand: RawValue): number {
  const limit = amountOf('$limit', operand, 'Location5107201')
  if (limit < 1) throw new MongoError('Location15958', 'the limit must be positive')
  return limit
}

export function skipOf(operand: RawValue): number {
  return amountOf('$skip', operand, 'Location5107200')
}

function amountOf(stage: string, operand: RawValue, code: 'Location5107200' | 'Location5107201'): number {
  const amount = isNumeric(operand.type) ? numberOf(operand) : NaN
  if (!Number.isInteger(amount) || amount < 0)
    throw new MongoError(
      code,
      `invalid argument to ${stage} stage: Expected a non-negative number in: ${stage}: ${show(operand)}`,
    )
  return amount
}

export function limit(operand: RawValue): Transform {
  const most = limitOf(operand)
  return function* (source) {
    let left = most
    for (const document of source) {
      yield document
      if (document !== undefined && --left === 0) return
    }
  }
}

export function skip(operand: RawValue): Transform {
  const amount = skipOf(operand)
  return function* (source) {
    let left = amount
    for (const document of source) if (document === undefined || left-- <= 0) yield document
  }
}

/** `$count`: one document, or none if there was nothing to count. */
export function count(operand: RawValue): Transform {
  const name = operand.type === BsonType.string ? textOf(operand) : ''
  if (name === '') throw new MongoError('Location40156', 'the count field must be a non-empty string')
  if (name.startsWith('$'))
    throw new MongoError('Location40158', 'the count field cannot be a $-prefixed path')
  if (name.includes('.')) throw new MongoError('Location40160', "the count field cannot contain '.'")
  return function* (source) {
    let total = 0
    for (const document of source)
      if (document === undefined) yield undefined
      else total++
    if (total > 0) yield new BsonWriter().integer(name, total).finish()
  }
}

export function sortOf(operand: RawValue) {
  if (!isDocument(operand))
    throw new MongoError('Location15973', 'the $sort key specification must be an object')
  const fields = parseSort(nested(operand))
  if (fields.length === 0)
    throw new MongoError('Location15976', '$sort stage must have at least one sort key')
  return fields
}

/** `$sort`, of as many as the `$limit` behind it lets through. */
export function sort(operand: RawValue, limit: number): Transform {
  const fields = sortOf(operand)
  return function* (source) {
    const sorter = new Sorter<{ readonly document: RawDocument }>(fields, limit)
    for (const document of source)
      if (document === undefined) yield undefined
      else sorter.add({ document })
    for (const { document } of sorter.sorted()) yield document
  }
}

/** `$sortByCount`: as it is defined, a group that counts and a sort. */
export function sortByCountStages(operand: RawValue): { readonly group: RawValue; readonly sort: RawValue } {
  const isExpression =
    operand.type === BsonType.string ? textOf(operand).startsWith('$') : isDocument(operand)
  if (!isExpression)
    throw new MongoError(
      operand.type === BsonType.string ? 'Location40148' : 'Location40149',
      'the sortByCount field must be defined as a $-prefixed path or an expression inside an object',
    )
  const group = new BsonWriter().value('_id', operand).openDocument('count').int32('$sum', 1).close().finish()
  const order = new BsonWriter().int32('count', -1).finish()
  return { group: documentValue(group), sort: documentValue(order) }
}

/** `$sample`: every document has the same chance, and only those chosen so far are held. */
export function sample(operand: RawValue, random: () => number): Transform {
  const size = sampleSizeOf(operand)
  return function* (source) {
    const memory = new Memory('$sample')
    const chosen: RawDocument[] = []
    let seen = 0
    for (const document of source) {
      if (document === undefined) {
        yield undefined
        continue
      }
      const place = seen < size ? seen : Math.floor(random() * (seen + 1))
      seen++
      if (place >= size) continue
      memory.add(document.length - (chosen[place]?.length ?? 0))
      chosen[place] = document
    }
    yield* shuffled(chosen, random)
  }
}

function shuffled(documents: RawDocument[], random: () => number): RawDocument[] {
  return documents
    .map((document) => ({ document, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ document }) => document)
}

function sampleSizeOf(operand: RawValue): number {
  if (!isDocument(operand))
    throw new MongoError('Location28745', 'the $sample stage specification must be an object')
  const reader = new ElementReader(operand.bytes, operand.start)
  if (!reader.next()) throw new MongoError('Location28749', '$sample stage must specify a size')
  if (!reader.nameIs('size'))
    throw new MongoError('Location28748', `unrecognized option to $sample: ${reader.name()}`)
  if (!isNumeric(reader.type))
    throw new MongoError('Location28746', 'size argument to $sample must be a number')
  const size = Math.trunc(numberOf(reader.value()))
  if (size < 1) throw new MongoError('Location28747', 'size argument to $sample must be a positive integer')
  return size
}
