/** Figures as people read them. */
const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const

export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

export const countText = (count: number): string => count.toLocaleString('en-US')

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`

const spans = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A duration by its largest units that divide it: 5400 s is 90 minutes, 86,400 s is 1 day. */
export function secondsText(seconds: number): string {
  for (const [unit, length] of spans) if (seconds % length === 0) return plural(seconds / length, unit)
  return `${seconds} s`
}

export const millisecondsText = (ms: number): string =>
  ms % 1000 === 0 ? secondsText(ms / 1000) : `${countText(ms)} ms`
