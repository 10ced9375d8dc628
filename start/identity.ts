import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A process, told apart from a later one with the same pid by when it was started. */
export const ProcessIdentity = z.object({ pid: z.int(), started: z.string() })
export type ProcessIdentity = z.infer<typeof ProcessIdentity>

/** Field 22 of `/proc/<pid>/stat`, in clock ticks since boot; empty where there is no /proc. */
const startOf = (pid: number): string => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of the program, in parentheses, may hold blanks.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

export const identify = (pid: number): ProcessIdentity => ({ pid, started: startOf(pid) })

/** Whether that very process still runs. */
export const isAlive = ({ pid, started }: ProcessIdentity): boolean => {
  try {
    process.kill(pid, 0)
  } catch (fault) {
    return fault instanceof Error && 'code' in fault && fault.code === 'EPERM'
  }
  return startOf(pid) === started && !isZombie(pid)
}

const isZombie = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}
