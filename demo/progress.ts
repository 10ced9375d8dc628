import type { Tally } from './tally.ts'

/** One line: how far it is. */
export const progressLine = (tally: Tally): string => {
  const seconds = tally.elapsed() / 1_000
  const done = tally.latencies.length
  const ended = [...tally.ended].map(([status, number]) => `${number} ${status}`).join(', ')
  return [
    `${String(Math.floor((done / tally.orders) * 100)).padStart(3)} %`,
    `${tally.placed} of ${tally.orders} placed`,
    ended || 'none ended yet',
    `${(done / seconds).toFixed(0)}/s`,
    ...(tally.faults > 0 ? [`${tally.faults} faults sat out`] : []),
  ].join(' · ')
}

/** Shows progress until it is stopped: rewrites one line on a terminal, else prints a line each second. */
export const showProgress = (tally: Tally, output: NodeJS.WriteStream): (() => void) => {
  const show = () =>
    output.isTTY
      ? output.write(`\r\u001B[2K${progressLine(tally).slice(0, output.columns - 1)}`)
      : output.write(`${progressLine(tally)}\n`)
  const timer = setInterval(show, output.isTTY ? 100 : 1_000)
  return () => {
    clearInterval(timer)
    show()
    if (output.isTTY) output.write('\n')
  }
}
