import { readFileSync } from 'node:fs'

const microsecondsPerTick = 10_000

/** CPU of a process so far, user and system, in microseconds (Linux). */
export function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick
}

/** Memory of a process in MB: what it took for itself, and the pages of files that it has mapped (Linux). */
export function memoryOf(pid: number): { readonly own: number; readonly mapped: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return { own: megabytes(status, 'RssAnon'), mapped: megabytes(status, 'RssFile') }
}

function megabytes(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]
  return Math.round(Number(kilobytes) / 1_024)
}

/** The values at the given shares (0.5 is the median) of those measured. */
export function percentiles(values: readonly number[], ...shares: readonly number[]): number[] {
  const ordered = values.toSorted((a, b) => a - b)
  return shares.map((share) => ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0)
}
