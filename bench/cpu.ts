import { readFileSync } from 'node:fs'

/** Clock ticks of user and system time in /proc are hundredths of a second on Linux. */
const TICK_MS = 10

const cpuMs = (pid: number): number => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return 0
  }
}

/** Measures how much of a core each process uses from now on; `share()` answers percent of one core by name. */
export const cpuShares = (pids: Readonly<Record<string, number>>) => {
  const begun = performance.now()
  const before = new Map(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]))
  return {
    share: (): Record<string, number> => {
      const elapsed = performance.now() - begun
      return Object.fromEntries(
        Object.entries(pids).map(([name, pid]) => [
          name,
          Math.round(((cpuMs(pid) - (before.get(name) ?? 0)) / elapsed) * 100),
        ]),
      )
    },
  }
}
