import { z } from 'zod'

import { metadataStream } from '../../log/stream-metadata.ts'
import { parseStored } from '../../security/stored-json.ts'
import type { NodeContext } from '../../services/context.ts'
import { isPublic } from '../guard.ts'

const unchanging = 31_536_000

const cacheSettings = z.object({ $cacheControl: z.int().positive() })

/** Headers that say who may keep a page, and for how long. */
export type CacheHeaders = Readonly<Record<string, string>>

const vary = 'Accept, ES-ResolveLinkTos'

/** Of what will be the same for ever: a full page, or an event. */
export const forEver = (context: NodeContext, stream: string): CacheHeaders =>
  keep(context, stream, unchanging)

/** Of what changes: asked for each time, unless the stream's `$cacheControl` allows for some seconds. */
export function forNow(context: NodeContext, stream: string): CacheHeaders {
  const metadata = context.streams.last(metadataStream(stream))
  const seconds = metadata && parseStored(cacheSettings, metadata.body.data)?.$cacheControl
  if (seconds !== undefined) return keep(context, stream, seconds)
  return { 'cache-control': 'max-age=0, no-cache, must-revalidate', vary }
}

/** A cache on the way may only keep what anybody may see. */
const keep = ({ access }: NodeContext, stream: string, seconds: number): CacheHeaders => ({
  'cache-control': `max-age=${seconds}, ${isPublic(access, stream) ? 'public' : 'private'}`,
  vary,
})
