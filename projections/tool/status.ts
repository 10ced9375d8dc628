import type { Standing } from '../standing.ts'
import { percentOf } from '../state.ts'

/** Where all read models stand, as a table for people. */
export const statusTable = (standings: readonly Standing[]): string => {
  const rows = standings.map(({ name, condition, version, position, lag }) => [
    name,
    condition,
    `v${version}`,
    String(position),
    `${lag.events.toLocaleString('en')}${lag.orMore ? '+' : ''}`,
    lag.seconds.toFixed(1),
  ])
  const all = [['projection', 'condition', 'version', 'position', 'lag, events', 'lag, s'], ...rows]
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const table = all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  return [...table, ...standings.flatMap(notes)].join('\n')
}

const notes = ({ name, state: { stopped, build, built } }: Standing): readonly string[] => [
  ...(stopped
    ? [
        '',
        `${name} stopped at ${stopped.type} ${stopped.revision}@${stopped.stream} (position ${stopped.position}) at ${stopped.at}:`,
        `  ${stopped.fault}`,
        `  to go on without it: npm run projections -- skip ${name} --reason "…"`,
      ]
    : []),
  ...(build ? ['', `${name} is being built anew: ${percentOf(build)} %, ${build.phase.toLowerCase()}`] : []),
  ...(built?.outcome === 'DIFFERS'
    ? ['', `${name}: the build of ${built.at} was not equal to what serves: ${built.differing.join(', ')}`]
    : []),
]
