import { Sku } from '../domain/product.ts'
import { refuse } from '../eventstore/decision.ts'
import type { Refusal } from '../eventstore/decision.ts'
import type { Wanted } from './pricing.ts'
import type { UnknownProduct } from './refusals.ts'

/** A line as a client asks for it: what is no sku is the name of no product. */
export interface AskedLine {
  readonly sku: string
  readonly quantity: number
}

/** The lines of products that there may be. */
export const wantedOf = (lines: readonly AskedLine[]): readonly Wanted[] | Refusal<UnknownProduct> => {
  const wanted: Wanted[] = []
  for (const { sku, quantity } of lines) {
    const known = Sku.safeParse(sku)
    if (!known.success) return refuse({ code: 'UNKNOWN_PRODUCT', sku })
    wanted.push({ sku: known.data, quantity })
  }
  return wanted
}
