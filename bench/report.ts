import { table } from './table.ts'

/** The results of one kind of measurement, a row each. */
export interface Sheet {
  /** `result` goes into the JSON, the cells into the table; the first cell says what was measured. */
  readonly row: (result: Readonly<Record<string, unknown>>, ...cells: readonly string[]) => void
}

export interface Reporter {
  readonly sheet: (bench: string, ...header: readonly string[]) => Sheet
  /** A line for who waits. */
  readonly note: (line: string) => void
  /** The tables of all that was measured. */
  readonly close: () => void
}

/** Each result is told as soon as it is there: to programs as a line of JSON, to people in a table at the end too. */
export const reporter = (json: boolean): Reporter => {
  const sheets: { readonly header: readonly string[]; readonly rows: (readonly string[])[] }[] = []
  return {
    sheet: (bench, ...header) => {
      const rows: (readonly string[])[] = []
      sheets.push({ header, rows })
      return {
        row: (result, ...cells) => {
          if (json) console.log(JSON.stringify({ bench, ...result }))
          else console.error(cells.join('  '))
          rows.push(cells)
        },
      }
    },
    note: (line) => console.error(line),
    close: () => {
      if (json) return
      for (const { header, rows } of sheets) if (rows.length > 0) console.log(`\n${table(header, rows)}`)
    },
  }
}

/** Milliseconds between two lines about the same work. */
const NOTE_INTERVAL = 10_000

/** Tells who waits how far long work is, until it has ended. */
export const noting = async <T>(
  { note }: Pick<Reporter, 'note'>,
  line: () => string,
  work: Promise<T>,
): Promise<T> => {
  const telling = setInterval(() => note(line()), NOTE_INTERVAL)
  try {
    return await work
  } finally {
    clearInterval(telling)
  }
}

/** A number for people. */
export const figure = (value: number, digits = 0): string =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** What each process used, in one cell. */
export const byProcess = (figures: Readonly<Record<string, number>>): string =>
  Object.entries(figures)
    .map(([name, used]) => `${name} ${figure(used)}`)
    .join(' · ')
