import { readFileSync } from 'node:fs'

export interface Memory {
  /** In MB: resident now, at most so far, and what of it is files mapped into memory, which the system can take back. */
  readonly now: number
  readonly peak: number
  readonly mapped: number
}

/** What a process has in memory, as Linux tells it; zeros for one that is gone. */
export const memoryOf = (pid: number): Memory => {
  const status = statusOf(pid)
  const megabytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) / 1_024
  return { now: megabytes('VmRSS'), peak: megabytes('VmHWM'), mapped: megabytes('RssFile') }
}

const statusOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
