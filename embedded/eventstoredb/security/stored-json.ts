import type { z } from 'zod'

/** What an event's data says, if it is JSON of the right shape: anybody allowed to may write anything there. */
export function parseStored<Schema extends z.ZodType>(
  schema: Schema,
  data: Uint8Array,
): z.infer<Schema> | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    return schema.safeParse(json).data
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
