import type { RawDocument } from '../bson/types.ts'
import { inSlices } from '../engine/operation.ts'
import { isSimpleProjection } from '../engine/projection.ts'
import { Search, type Query } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { readCount, readDistinct } from './count.ts'
import { explainedPipeline } from './explain-pipeline.ts'
import { explainReply, wrapped, type Explained, type Verbosity } from './explain-reply.ts'
import { readFindAndModify } from './find-and-modify.ts'
import { readQuery } from './find.ts'
import { knownFieldsOf } from './known-fields.ts'
import { namespaceOf } from './namespace.ts'
import { after } from './replies.ts'
import type { Change, Write } from './write-operations.ts'
import { readDeletes, readUpdates } from './writes.ts'

export const explainCommands: Commands = {
  explain: (args, context) => {
    const inner = args.document('explain')
    const verbosity = args.optionalString('verbosity') ?? 'allPlansExecution'
    if (!isVerbosity(verbosity))
      throw new MongoError(
        'BadValue',
        `Enumeration value '${verbosity}' for field 'explain.verbosity' is not a valid value.`,
      )
    const name = Arguments.commandOf(inner)
    return explainCommand(
      name,
      new Arguments(name, inner, undefined, knownFieldsOf(name)),
      context,
      verbosity,
    )
  },
}

function isVerbosity(text: string): text is Verbosity {
  return text === 'queryPlanner' || text === 'executionStats' || text === 'allPlansExecution'
}

/** Shows how a command would be done. With statistics it is carried out, but for what it would write. */
export function explainCommand(
  name: string,
  args: Arguments,
  context: Context,
  verbosity: Verbosity,
): RawDocument | Promise<RawDocument> {
  const explained = explainedBy(name, args, context)
  if (verbosity === 'queryPlanner') return explainReply(explained, context, args, false)
  const work = inSlices(context.operation, () => explained.run(context.operation))
  return after(work, () => explainReply(explained, context, args, true))
}

function explainedBy(name: string, args: Arguments, context: Context): Explained {
  if (name === 'aggregate') return explainedPipeline(args, context)
  const namespace = namespaceOf(context, args.collection())
  const collection = context.store.catalog.get(namespace)
  const of = (query: Query, stage?: string): Explained => {
    const search = collection && new Search(collection, query)
    return {
      namespace,
      filter: query.filter.raw,
      search,
      tree: (tree) => (stage ? wrapped(stage, tree) : tree),
      run: (operation) => search === undefined || search.run(() => true, operation),
    }
  }
  switch (name) {
    case 'find': {
      const projection = args.optionalDocument('projection')
      const stage = isSimpleProjection(projection) ? 'PROJECTION_SIMPLE' : 'PROJECTION_DEFAULT'
      return of(readQuery(args, collection), projection && projection.length > 5 ? stage : undefined)
    }
    case 'count':
      return of(readCount(args, collection), 'COUNT')
    case 'distinct':
      args.string('key')
      return of(readDistinct(args, collection))
    case 'update':
      return explainedWrite(namespace, readUpdates(args), context)
    case 'delete':
      return explainedWrite(namespace, readDeletes(args), context)
    case 'findAndModify':
      return explainedWrite(namespace, [readFindAndModify(args)], context)
    default:
      throw new MongoError('CommandNotFound', `Explain failed due to unknown command: ${name}`)
  }
}

/** A single update or delete: what it would find, and how much of that it would change. */
function explainedWrite(namespace: string, writes: readonly Write[], { store }: Context): Explained {
  const [write, ...more] = writes
  if (write === undefined || more.length > 0)
    throw new MongoError('InvalidLength', 'explained write batches must be of size 1')
  const change = write.compile()
  if (change.kind === 'insert') throw new MongoError('CommandNotFound', 'inserts have no plan to explain')
  const collection = store.catalog.get(namespace)
  const search = collection && change.search(collection)
  let wouldModify = 0
  return {
    namespace,
    filter: change.filter.raw,
    search,
    tree: (tree, executed) => ({
      stage: change.kind === 'update' ? 'UPDATE' : 'DELETE',
      ...(executed && { nReturned: 0, ...countsOf(change, search, wouldModify) }),
      inputStage: tree,
    }),
    run: (operation) =>
      search === undefined ||
      search.run((document) => {
        if (change.wouldModify(document)) wouldModify++
        return true
      }, operation),
  }
}

function countsOf(change: Change, search: Search | undefined, wouldModify: number): Record<string, number> {
  if (change.kind === 'delete') return { nWouldDelete: wouldModify }
  const nMatched = search?.returned ?? 0
  return {
    nMatched,
    nWouldModify: wouldModify,
    nWouldUpsert: nMatched === 0 && change.upsert !== undefined ? 1 : 0,
  }
}
