import { createHash } from 'node:crypto'

/** Whole numbers that look random and are always the same for the same product. */
export interface Variation {
  /** A number from … to, both included; another one for each use. */
  readonly between: (use: Use, from: number, to: number) => number
  readonly one: <T>(use: Use, choices: readonly [T, ...T[]]) => T
}

/** What the numbers are for: as many as a digest has bytes would do. */
const uses = ['hue', 'accent', 'left', 'top', 'size', 'count', 'turn', 'form'] as const
export type Use = (typeof uses)[number]

export const variationOf = (seed: string): Variation => {
  const digest = createHash('sha256').update(seed).digest()
  const between = (use: Use, from: number, to: number) =>
    from + (digest.readUInt16BE(2 * uses.indexOf(use)) % (to - from + 1))
  return {
    between,
    one: (use, choices) => choices[between(use, 0, choices.length - 1)] ?? choices[0],
  }
}
