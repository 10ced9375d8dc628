/** When requests may begin. Nothing is reserved: whoever waited asks again. */
export interface Pace {
  /** Milliseconds until one more may begin; 0 when it may now. */
  readonly wait: () => number
  /** Counts one that begins now. */
  readonly begin: () => void
  /** Lets none begin for so many milliseconds: the other side asked for a rest. */
  readonly pause: (ms: number) => void
}

const SECOND = 1_000

export interface PaceOptions {
  /** The most that begin within any one second. */
  readonly perSecond: number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Milliseconds of the longest rest that is given, whatever is asked for; without it, as long as asked for. */
  readonly longestPause?: number
}

export const paceOf = ({ perSecond, clock, longestPause = Infinity }: PaceOptions): Pace => {
  /** When the last `perSecond` of them began; `oldest` is the place that the next one takes. */
  const begun = Array.from<number>({ length: perSecond }).fill(-Infinity)
  let oldest = 0
  let pausedUntil = -Infinity
  return {
    wait: () => Math.max(0, (begun[oldest] ?? -Infinity) + SECOND - clock(), pausedUntil - clock()),
    begin: () => {
      begun[oldest] = clock()
      oldest = (oldest + 1) % perSecond
    },
    pause: (ms) => {
      pausedUntil = Math.max(pausedUntil, clock() + Math.min(ms, longestPause))
    },
  }
}
