/** A position as clients name it; the node's own events have the same number for both. */
export interface LogPosition {
  readonly commit: number
  readonly prepare: number
}

/** Where a group without a checkpoint begins, inclusive: at either end, at a revision, or at a position. */
export type StartFrom = 'start' | 'end' | number | LogPosition

/** As infos and the stored configuration write it: `0`, `-1`, `n`, or the same as `C:n/P:n` for `$all`. */
export function startText(start: StartFrom, { all }: { all: boolean }): string {
  if (typeof start === 'object') return positionText(start)
  const number = start === 'start' ? 0 : start === 'end' ? -1 : start
  return all ? positionText({ commit: number, prepare: number }) : String(number)
}

export function parseStart(text: string): StartFrom | undefined {
  const position = parsePosition(text)
  const number = position?.commit ?? (/^-?\d+$/u.test(text) ? Number(text) : Number.NaN)
  if (!Number.isSafeInteger(number)) return undefined
  if (number < 0) return 'end'
  return number === 0 ? 'start' : (position ?? number)
}

export const positionText = ({ commit, prepare }: LogPosition): string => `C:${commit}/P:${prepare}`

export function parsePosition(text: string): LogPosition | undefined {
  const match = /^C:(-?\d+)\/P:(-?\d+)$/u.exec(text)
  return match === null ? undefined : { commit: Number(match[1]), prepare: Number(match[2]) }
}
