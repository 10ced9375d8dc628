import { isFields, toFields, type Fields } from '../bson/codec.ts'
import { runPipeline, type Stage } from '../engine/aggregate.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { cursorReply } from './replies.ts'
import type { RawDocument } from '../bson/types.ts'

export const aggregateCommands: Commands = {
  aggregate: (args, context) => {
    if (args.boolean('explain', false))
      throw new MongoError('BadValue', 'aggregate with explain is not supported')
    const cursor = args.optionalDocument('cursor')
    if (cursor === undefined)
      throw new MongoError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    args.refuseCollation()
    const target = args.value('aggregate')
    const namespace =
      target === 1 ? `${context.database}.$cmd.aggregate` : namespaceOf(context, args.string('aggregate'))
    const stages = args.documents('pipeline').map(readStage)
    const stream = runPipeline(context.store.catalog, namespace, stages, args.optionalFields('let'))
    const size = new Arguments('aggregate.cursor', cursor).count('batchSize')
    const { id, batch } = context.store.cursors.start({ namespace, stream }, size, false)
    return cursorReply('firstBatch', namespace, id, batch)
  },
}

function readStage(raw: RawDocument): Stage {
  const fields: Fields = toFields(raw)
  const [name, ...others] = Object.keys(fields)
  if (name === undefined || others.length > 0)
    throw new MongoError(
      'Location40323',
      'A pipeline stage specification object must contain exactly one field.',
    )
  const operand = fields[name]
  return { name, raw, fields, operand: isFields(operand) ? operand : undefined }
}
