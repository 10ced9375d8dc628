import { inOptions } from './shared.ts'

/** The requests to Projections. Each has its one message, the options, in field 1. */
export type StatisticsMode = 'all' | 'transient' | 'continuous' | 'one-time'

export type StatisticsRequest =
  { readonly kind: 'one'; readonly name: string } | { readonly kind: 'many'; readonly mode: StatisticsMode }

const modes: Readonly<Record<number, StatisticsMode>> = {
  2: 'all',
  3: 'transient',
  4: 'continuous',
  5: 'one-time',
}

/** StatisticsReq: { name = 1 | all = 2 | transient = 3 | continuous = 4 | one time = 5 }. */
export function decodeStatistics(message: Uint8Array): StatisticsRequest | undefined {
  let request: StatisticsRequest | undefined
  inOptions(message, (reader, field, wireType) => {
    const mode = modes[field]
    if (field === 1) {
      request = { kind: 'one', name: reader.string() }
      return
    }
    if (mode !== undefined) request = { kind: 'many', mode }
    reader.skipType(wireType)
  })
  return request
}

export interface NamedRequest {
  readonly name: string
  /** Field 2 of DisableReq and ResetReq. */
  readonly writeCheckpoint: boolean
}

/** EnableReq, DisableReq, ResetReq: { name = 1, write checkpoint = 2 }. */
export function decodeCommand(message: Uint8Array): NamedRequest {
  const request = { name: '', writeCheckpoint: false }
  inOptions(message, (reader, field, wireType) => {
    if (field === 1) request.name = reader.string()
    else if (field === 2) request.writeCheckpoint = reader.bool()
    else reader.skipType(wireType)
  })
  return request
}

/** The name of a projection, where it is field 1: DeleteReq, StateReq, ResultReq. */
export function decodeName(message: Uint8Array): string {
  let name = ''
  inOptions(message, (reader, field, wireType) => {
    if (field === 1) name = reader.string()
    else reader.skipType(wireType)
  })
  return name
}

/** UpdateReq: { name = 1, query = 2 }; whether it may emit is nothing that a system projection is asked. */
export function decodeUpdate(message: Uint8Array): { readonly name: string; readonly query: string } {
  const request = { name: '', query: '' }
  inOptions(message, (reader, field, wireType) => {
    if (field === 1) request.name = reader.string()
    else if (field === 2) request.query = reader.string()
    else reader.skipType(wireType)
  })
  return request
}
