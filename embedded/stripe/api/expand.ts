import { invalidRequest } from '../books/fault.ts'
import type { Ledger } from '../store/ledger.ts'
import { show } from './render.ts'
import type { Surroundings } from './render.ts'

type Shown = Readonly<Record<string, unknown>>

/** Puts objects where their ids are, for paths such as `latest_charge` or `data.charge.payment_intent`. */
export const expanded = (
  body: Shown,
  paths: readonly string[],
  surroundings: Surroundings & { readonly ledger: Ledger },
): Shown => paths.reduce((shown, path) => at(shown, path.split('.'), path, surroundings), body)

const at = (
  body: Shown,
  [name = '', ...rest]: readonly string[],
  path: string,
  surroundings: Surroundings & { readonly ledger: Ledger },
): Shown => {
  const into = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(into)
    if (value === null) return null
    if (isShown(value)) return rest.length === 0 ? value : at(value, rest, path, surroundings)
    const record = typeof value === 'string' ? surroundings.ledger.find(value) : undefined
    if (!record) throw invalidRequest(`This property cannot be expanded (${path}).`, { param: 'expand' })
    const found = show(record, surroundings)
    return rest.length === 0 ? found : at(found, rest, path, surroundings)
  }
  return { ...body, [name]: into(body[name]) }
}

const isShown = (value: unknown): value is Shown => typeof value === 'object' && value !== null
