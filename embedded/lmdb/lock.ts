import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const open = new Set<string>()

/**
 * One node per directory: a second one would not see what the first keeps in memory. The file names the process and
 * when it began, so the lock of a killed node, whose number another process may have by now, holds nobody up.
 */
export function lockDirectory(directory: string): () => void {
  const file = join(directory, 'node.lock')
  const owner = ownerOf(file)
  if (open.has(file) || (owner !== undefined && isRunning(owner)))
    throw new Error(`directory ${directory} is in use by another node (process ${owner?.pid}, says ${file})`)
  writeFileSync(file, `${process.pid} ${beginning(process.pid)}\n`)
  open.add(file)
  return () => {
    open.delete(file)
    rmSync(file, { force: true })
  }
}

interface Owner {
  readonly pid: number
  readonly began: string
}

function ownerOf(file: string): Owner | undefined {
  const [pid = '', began = ''] = read(file).trim().split(' ')
  return /^\d+$/.test(pid) ? { pid: Number(pid), began } : undefined
}

function isRunning({ pid, began }: Owner): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  return beginning(pid) === began
}

/** When a process began, in the system's own words; empty where the system doesn't say. */
function beginning(pid: number): string {
  const afterName = read(`/proc/${pid}/stat`).split(') ')[1] ?? ''
  return afterName.split(' ')[19] ?? ''
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
