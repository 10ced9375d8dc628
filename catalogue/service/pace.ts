/** When requests may begin. Nothing is reserved: whoever waited asks again. */
export interface Pace {
  /** Milliseconds until one more may begin; 0 when it may now. */
  readonly wait: () => number
  /** Counts one that begins now. */
  readonly begin: () => void
  /** Lets none begin for so many milliseconds: the other side asked for a rest. */
  readonly pause: (ms: number) => void
}

/** The longest rest that anybody is given, whatever they ask for. */
export const LONGEST_PAUSE = 60_000

const SECOND = 1_000

export interface PaceOptions {
  /** The most that begin within any one second. */
  readonly perSecond: number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

export const paceOf = ({ perSecond, clock }: PaceOptions): Pace => {
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
      pausedUntil = Math.max(pausedUntil, clock() + Math.min(ms, LONGEST_PAUSE))
    },
  }
}
