import { createHistogram } from 'node:perf_hooks'

/** Collects durations, and tells their percentiles in milliseconds. */
export const latencies = () => {
  const micros = createHistogram({ figures: 3 })
  return {
    add: (ms: number) => micros.record(Math.max(1, Math.round(ms * 1_000))),
    count: (): number => micros.count,
    percentile: (p: number): number => micros.percentile(p) / 1_000,
    /** 0 if there is none. */
    max: (): number => (micros.count === 0 ? 0 : micros.max / 1_000),
  }
}
export type Latencies = ReturnType<typeof latencies>
