import { Aggregator } from 'mingo'
import { toFields, type Fields } from '../../bson/codec.ts'
import type { RawDocument } from '../../bson/types.ts'
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

/** `$expr`: a document is in if the expression is neither false, 0, null nor missing. */
export function expressionTest(
  expression: unknown,
  variables: Fields | undefined,
): (document: RawDocument) => boolean {
  const evaluate = compileExpressions({ truth: expression }, variables)
  return (document) => {
    const { truth } = evaluate(toFields(document))
    return truth !== undefined && truth !== null && truth !== false && truth !== 0
  }
}

/** mingo's refusals in MongoDB's terms. */
export function understood<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof MongoError) throw error
    throw new MongoError('BadValue', asMongoError(error).message)
  }
}
