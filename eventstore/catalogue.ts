import type { z } from 'zod'

/** Turns the data of an older version into the next one's shape. */
export type Upcast = (data: unknown) => unknown

/** One type of event: its present version, its schema, and how each older version becomes the next. */
export interface EventDefinition<Schema extends z.ZodObject = z.ZodObject> {
  readonly version: number
  readonly schema: Schema
  /** `upcasts[i]` turns version i + 1 into version i + 2. */
  readonly upcasts: readonly Upcast[]
}

/** The published events of one stream category, by type. */
export type Catalogue = Readonly<Record<string, EventDefinition>>

/** The union of a catalogue's events: `{ type, data }`. */
export type EventOf<C extends Catalogue> = {
  [T in keyof C & string]: { readonly type: T; readonly data: z.infer<C[T]['schema']> }
}[keyof C & string]

/** Declares a type of event; its version is one more than the number of upcasts. */
export const event = <Schema extends z.ZodObject>(
  schema: Schema,
  ...upcasts: readonly Upcast[]
): EventDefinition<Schema> => ({ version: upcasts.length + 1, schema, upcasts })
