import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** A log file that does not grow for ever: when it is full, it becomes `<name>.1` and a new one begins. */
export interface LogFile {
  readonly path: string
  readonly write: (line: string) => void
  readonly close: () => void
}

const FULL = 16 * 1024 * 1024

export const openLogFile = (path: string): LogFile => {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, 'a')
  let open = true
  let size = fstatSync(file).size
  return {
    path,
    write: (line) => {
      // The last words of a process may still be on their way when it is gone.
      if (!open) return
      if (size >= FULL) {
        closeSync(file)
        renameSync(path, `${path}.1`)
        file = openSync(path, 'a')
        size = 0
      }
      size += writeSync(file, `${line}\n`)
    },
    close: () => {
      if (open) closeSync(file)
      open = false
    },
  }
}
