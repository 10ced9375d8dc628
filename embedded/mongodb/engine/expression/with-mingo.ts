import { Aggregator } from 'mingo'
import type { Fields } from '../../bson/codec.ts'
import { MongoError, asMongoError } from '../../errors.ts'

/** No scripts from a client run in this process: $where and $function are refused. */
export const mingoOptions = { scriptEnabled: false } as const

/** Expressions of the aggregation language, evaluated for a document by mingo. */
export type Evaluate = (document: Fields) => Fields

/** Compiles the expressions by their names; a name whose expression finds nothing is undefined. */
export function compileExpressions(expressions: Fields, variables: Fields = {}): Evaluate {
  const aggregator = understood(
    () => new Aggregator([{ $replaceWith: expressions }], { ...mingoOptions, variables }),
  )
  return (document) => {
    const [result = {}] = understood(() => aggregator.run([document]))
    return result
  }
}

/** mingo's refusals in MongoDB's terms. */
export function understood<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MongoError) throw error
    const { message } = asMongoError(error)
    const unknown = /'(\$\w+)' is not registered/.exec(message)?.[1]
    if (unknown !== undefined)
      throw new MongoError('InvalidPipelineOperator', `Unrecognized expression '${unknown}'`)
    throw new MongoError('BadValue', message)
  }
}
