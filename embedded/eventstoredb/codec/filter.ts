import { eachField, endOfMessage, type Reader } from './shared.ts'

/** A filter on `$all`, as Streams.Read and persistent subscriptions send it. */
export interface FilterOptions {
  readonly on: 'stream' | 'type'
  readonly regex: string
  readonly prefixes: readonly string[]
  /** Events considered in one page; undefined if the client sets no window at all. */
  readonly window: number | undefined
  readonly checkpointMultiplier: number
}

/** Events considered in one page, where the client leaves that to the node. */
export const defaultWindow = 32

export function readFilter(reader: Reader): FilterOptions {
  const end = endOfMessage(reader)
  const filter = {
    on: 'stream' as FilterOptions['on'],
    regex: '',
    prefixes: [] as string[],
    window: undefined as number | undefined,
    checkpointMultiplier: 1,
  }
  eachField(reader, end, (field, wireType) => {
    if (field === 1 || field === 2) {
      filter.on = field === 1 ? 'stream' : 'type'
      readExpression(reader, filter)
    } else if (field === 3) filter.window = reader.uint32() || defaultWindow
    else if (field === 4) {
      filter.window = defaultWindow
      reader.skipType(wireType)
    } else if (field === 5) filter.checkpointMultiplier = Math.max(1, reader.uint32())
    else reader.skipType(wireType)
  })
  return filter
}

function readExpression(reader: Reader, filter: { regex: string; prefixes: string[] }): void {
  const end = endOfMessage(reader)
  eachField(reader, end, (field, wireType) => {
    if (field === 1) filter.regex = reader.string()
    else if (field === 2) filter.prefixes.push(reader.string())
    else reader.skipType(wireType)
  })
}
