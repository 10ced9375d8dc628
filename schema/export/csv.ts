/** What a field may be: text that could be anything, a number, or nothing. */
export type CsvField = string | number | undefined

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+\-@\t\r\n]/
const TO_BE_QUOTED = /[",\r\n]/

/** A record by RFC 4180. Text that a spreadsheet would run as a formula is marked as text by an apostrophe. */
export const csvRecord = (fields: readonly CsvField[]): string => `${fields.map(written).join(',')}\r\n`

const written = (field: CsvField): string => {
  if (field === undefined) return ''
  if (typeof field === 'number') return String(field)
  const text = FORMULA.test(field) ? `'${field}` : field
  return TO_BE_QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
