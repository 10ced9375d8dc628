import type { Finding, Sums } from './audit.ts'
import { byName, percentile } from './tally.ts'
import type { Tally } from './tally.ts'

const BREACHES_SHOWN = 10

const digits = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

const money = (minor: number, currency: string): string => {
  const places = digits(currency)
  const formatted = new Intl.NumberFormat('en', {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  })
  return formatted.format(minor / 10 ** places)
}

const rows = (table: readonly (readonly [string, string | number])[]): readonly string[] =>
  table.map(([name, value]) => `  ${name.padEnd(28)} ${String(value).padStart(12)}`)

/** The final table. */
export const reportOf = (
  tally: Tally,
  seconds: number,
  sums: ReadonlyMap<string, Sums>,
  findings: readonly Finding[],
): string => {
  const p = (share: number) => `${percentile(tally.latencies, share).toFixed(1)} ms`
  const ended = byName(tally.ended).flatMap(([status, number]) => [
    [status, number] as const,
    ...(status === 'FAILED'
      ? byName(tally.reasons).map(([reason, failed]) => [`  ${reason}`, failed] as const)
      : []),
  ])
  return [
    '',
    `Orders, in ${seconds.toFixed(1)} s`,
    ...rows([
      ['placed', tally.placed],
      ...ended,
      ['per second', (tally.latencies.length / seconds).toFixed(0)],
      ['passing faults sat out', tally.faults],
    ]),
    '',
    'From mutation to last status',
    ...rows([
      ['p50', p(0.5)],
      ['p99', p(0.99)],
    ]),
    ...[...sums].flatMap(([currency, { deposits, debits, refunds, balances }]) => [
      '',
      `Money, ${currency}`,
      ...rows([
        ['deposits', money(deposits, currency)],
        ['− debits', money(debits, currency)],
        ['+ refunds', money(refunds, currency)],
        ['= balances', money(balances, currency)],
      ]),
    ]),
    '',
    ...findings.flatMap(({ promise, breaches }) => [
      `${breaches.length === 0 ? '✓' : '✗'} ${promise}`,
      ...breaches.slice(0, BREACHES_SHOWN).map((breach) => `    ${breach}`),
      ...(breaches.length > BREACHES_SHOWN ? [`    … and ${breaches.length - BREACHES_SHOWN} more`] : []),
    ]),
    '',
  ].join('\n')
}
