import type { RawDocument } from '../bson/types.ts'
import { listed } from '../engine/query.ts'
import type { Context } from './command.ts'
import { cursorReply } from './replies.ts'

/** A cursor over what the node knows without looking into a collection. */
export function listing(
  { store }: Context,
  namespace: string,
  documents: readonly RawDocument[],
): RawDocument {
  const { id, batch } = store.cursors.start({ namespace, stream: listed(() => documents) }, undefined, false)
  return cursorReply('firstBatch', namespace, id, batch)
}
