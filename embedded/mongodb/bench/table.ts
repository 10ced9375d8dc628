const widths = [44, 14, 14, 14, 14]

/** A line of the report: what it is about, and the figures. */
export function row(name: string, ...figures: readonly (string | number)[]): void {
  const cells = [
    name.padEnd(widths[0] ?? 0),
    ...figures.map((one, i) => String(one).padStart(widths[i + 1] ?? 0)),
  ]
  console.log(cells.join(' '))
}
