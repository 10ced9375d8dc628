import { placesOf } from '../../domain/money.ts'

/** The currencies that the processor counts in whole units. */
const WITHOUT_MINOR_UNIT: ReadonlySet<string> = new Set(
  'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '),
)
/** Those that it counts in thousandths. */
const IN_THOUSANDTHS: ReadonlySet<string> = new Set('BHD JOD KWD OMR TND'.split(' '))

const placesAtProcessor = (currency: string): number => {
  if (WITHOUT_MINOR_UNIT.has(currency)) return 0
  return IN_THOUSANDTHS.has(currency) ? 3 : 2
}

/**
 * Whether an amount means the same there as here: some currencies (ISK, UGX) are counted in hundredths there and in
 * whole units here, and an amount must never be off by a hundred.
 */
export const isCountedAlike = (currency: string): boolean =>
  placesAtProcessor(currency) === placesOf(currency)
