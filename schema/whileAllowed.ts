import type { Access } from '../access/access.ts'
import type { Viewer } from '../access/viewer.ts'
import type { Source } from './streams.ts'

type Chunk = Awaited<ReturnType<ReturnType<Source['getReader']>['read']>>

/** The end of server-sent events of graphql-sse, with an error that says why. */
const lastWords = (message: string): Uint8Array => {
  const errors = [{ message, extensions: { code: 'UNAUTHENTICATED' } }]
  return Buffer.from(`event: next\ndata: ${JSON.stringify({ errors })}\n\nevent: complete\ndata:\n\n`)
}

/**
 * Server-sent events for as long as who reads them may: when their token expires or is revoked, the source is left,
 * and they are told why.
 */
export const whileAllowed = (source: Source, access: Access, viewer: Viewer): Source => ({
  getReader: () => {
    const reader = source.getReader()
    let words: Uint8Array | undefined
    let isOver = false
    let waiting: PromiseWithResolvers<Chunk> | undefined

    const leave = access.onceOver(viewer, (why) => {
      isOver = true
      if (waiting) waiting.resolve({ value: lastWords(why) })
      else words = lastWords(why)
      // Whether the source could be left or had failed: nobody will hear of it.
      void reader.cancel().catch(() => undefined)
    })

    return {
      read: async () => {
        if (isOver) {
          const value = words
          words = undefined
          return { value }
        }
        waiting = Promise.withResolvers<Chunk>()
        reader.read().then(waiting.resolve, waiting.reject)
        const chunk = await waiting.promise
        waiting = undefined
        if (!chunk.value) leave()
        return chunk
      },
      cancel: () => {
        leave()
        return reader.cancel()
      },
    }
  },
})
