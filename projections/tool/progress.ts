import { percentOf } from '../state.ts'
import type { Build } from '../state.ts'

/** What a bar is drawn from: how far a build is at a moment. */
export type Sample = Pick<Build, 'events' | 'position' | 'head' | 'phase'> & {
  /** Milliseconds, on any clock. */
  readonly at: number
}

/** Milliseconds over which the speed is taken. */
const WINDOW = 5_000
const WIDTH = 24

/** Draws the progress of a build: share, events a second, time left. */
export const progressBar = (name: string) => {
  const samples: Sample[] = []
  return (sample: Sample): string => {
    samples.push(sample)
    while (samples.length > 2 && sample.at - (samples[1]?.at ?? 0) > WINDOW) samples.shift()
    const [first = sample] = samples
    const seconds = (sample.at - first.at) / 1_000
    const speed = seconds > 0 ? (sample.events - first.events) / seconds : 0
    const bytes = seconds > 0 ? (sample.position - first.position) / seconds : 0
    const share = percentOf(sample)
    const full = Math.round((WIDTH * share) / 100)
    const left = bytes > 0 ? `${Math.ceil(Math.max(0, sample.head - sample.position) / bytes)} s left` : ''
    const phase = sample.phase === 'FOLDING' ? left : sample.phase.toLowerCase()
    const bar = `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}`
    const rate = `${Math.round(speed).toLocaleString('en')} events/s`
    return `${name}  ${bar} ${String(share).padStart(3)} %  ${rate.padStart(15)}  ${phase}`.trimEnd()
  }
}
