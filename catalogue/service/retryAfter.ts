/** An HTTP date as it is written today: `Sun, 06 Nov 1994 08:49:37 GMT`. */
const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

const momentOf = (text: string | undefined): number | undefined => {
  const moment = text !== undefined && date.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(moment) ? undefined : moment
}

/**
 * Milliseconds that a `Retry-After` header asks for, in either of its forms; undefined for anything else. A date is
 * compared with the answer's own `Date`, where there is one: the clocks of two machines may differ.
 */
export const retryAfterOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: Date,
): number | undefined => {
  const asked = single(headers['retry-after'])
  if (asked !== undefined && /^\d{1,9}$/.test(asked)) return Number(asked) * 1_000
  const moment = momentOf(asked)
  if (moment === undefined) return undefined
  return Math.max(0, moment - (momentOf(single(headers['date'])) ?? now.getTime()))
}

const single = (header: string | string[] | undefined): string | undefined =>
  (Array.isArray(header) ? header[0] : header)?.trim()
