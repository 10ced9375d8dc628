/** So many events were done after so many milliseconds. */
export interface Progress {
  readonly events: number
  readonly ms: number
}

/** Events a second between two shares of the whole (0 … 1), to the nearest progress that was told. */
export const rateBetween = (progress: readonly Progress[], from: number, to: number): number => {
  const whole = progress.at(-1)?.events ?? 0
  const at = (share: number): Progress =>
    share === 0
      ? { events: 0, ms: 0 }
      : (progress.find(({ events }) => events >= share * whole) ?? { events: 0, ms: 0 })
  const [before, after] = [at(from), at(to)]
  return ((after.events - before.events) / (after.ms - before.ms)) * 1_000
}
