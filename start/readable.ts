import { z } from 'zod'

const Line = z.object({
  level: z.string(),
  msg: z.string().default(''),
  group: z.string().optional(),
  reason: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
})
const worthShowing: ReadonlySet<string> = new Set(['warn', 'error', 'fatal'])

/** A log line for people's eyes if it is a warning or worse, or no log line at all; undefined if it is news only. */
export const readable = (line: string): string | undefined => {
  const parsed = Line.safeParse(json(line))
  if (!parsed.success) return line.trim() === '' ? undefined : line
  const { level, msg, group, reason, err } = parsed.data
  if (!worthShowing.has(level)) return undefined
  const details = [group, err?.message, reason].filter((detail) => detail !== undefined)
  return `${level.toUpperCase().padEnd(5)} ${[msg, ...details].join(' · ')}`
}

const json = (line: string): unknown => {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
