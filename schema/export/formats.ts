import type { LedgerView } from '../../projections/documents.ts'
import { csvRecord } from './csv.ts'

/** An entry as it is exported: amounts in minor units of the currency, `balance` after the entry. */
export interface ExportedEntry {
  readonly id: string
  readonly at: string
  readonly kind: LedgerView['kind']
  readonly amount: number
  readonly balance: number
  readonly currency: string
  readonly orderId: string | undefined
  readonly topUpId: string | undefined
}

export const exported = (
  { _id: id, at, kind, amount, balance, orderId, topUpId }: LedgerView,
  currency: string,
): ExportedEntry => ({ id, at, kind, amount, balance, currency, orderId, topUpId })

const COLUMNS = [
  'id',
  'at',
  'kind',
  'amount',
  'balance',
  'currency',
  'orderId',
  'topUpId',
] as const satisfies readonly (keyof ExportedEntry)[]

/** How a list of entries is written. */
interface Format {
  readonly contentType: string
  readonly head: string
  readonly line: (entry: ExportedEntry) => string
}

export const formats = {
  csv: {
    contentType: 'text/csv; charset=utf-8; header=present',
    head: csvRecord(COLUMNS),
    line: (entry) => csvRecord(COLUMNS.map((column) => entry[column])),
  },
  jsonl: {
    contentType: 'application/jsonl; charset=utf-8',
    head: '',
    line: (entry) =>
      `${JSON.stringify({ ...entry, orderId: entry.orderId ?? null, topUpId: entry.topUpId ?? null })}\n`,
  },
} as const satisfies Readonly<Record<string, Format>>

export type FormatName = keyof typeof formats

const encoder = new TextEncoder()

/** A list of entries in a format, a chunk for each page; the first one has the head. */
export async function* encodedIn(
  format: FormatName,
  pages: AsyncIterable<readonly ExportedEntry[]>,
): AsyncGenerator<Uint8Array> {
  const { head, line } = formats[format]
  let text: string = head
  for await (const page of pages) {
    for (const entry of page) text += line(entry)
    yield encoder.encode(text)
    text = ''
  }
  if (text !== '') yield encoder.encode(text)
}
