import type { RawDocument } from '../bson/types.ts'
import { listed } from '../engine/stream.ts'
import type { Arguments } from './arguments.ts'
import type { Context } from './command.ts'
import { batchSizeOf, firstBatch } from './replies.ts'

/** A cursor over what the node knows without looking into a collection. */
export function listing(
  args: Arguments,
  context: Context,
  namespace: string,
  documents: readonly RawDocument[],
): RawDocument | Promise<RawDocument> {
  return firstBatch(context, { namespace, stream: listed(() => documents) }, batchSizeOf(args))
}
