import { createHistogram } from 'node:perf_hooks'

/** Collects durations, and tells their percentiles in milliseconds. */
export const latencies = () => {
  const micros = createHistogram({ figures: 3 })
  return {
    add: (ms: number) => micros.record(Math.max(1, Math.round(ms * 1_000))),
    percentile: (p: number): number => micros.percentile(p) / 1_000,
  }
}
