import { invalidRequest } from '../books/fault.ts'

export type Form = string | Form[] | { readonly [name: string]: Form }
type Branch = Map<string, Branch | string>

const MOST_PAIRS = 500
const DEEPEST = 5

/** `metadata[order_id]=7&expand[0]=charge` as an object: names in brackets nest, numbers and nothing in them make lists. */
export const decodeForm = (text: string): { readonly [name: string]: Form } => {
  const root: Branch = new Map()
  let pairs = 0
  for (const [name, value] of new URLSearchParams(text)) {
    if (++pairs > MOST_PAIRS) throw invalidRequest(`There are more than ${MOST_PAIRS} parameters.`)
    const path = pathOf(name)
    if (!path || path.length > DEEPEST)
      throw invalidRequest(`Invalid parameter name: ${name}`, { param: name })
    put(root, path, value, name)
  }
  return Object.fromEntries([...root].map(([name, branch]) => [name, formOf(branch)]))
}

const pathOf = (name: string): readonly string[] | undefined => {
  const [, first, rest = ''] = /^([^[\]]+)((?:\[[^[\]]*\])*)$/.exec(name) ?? []
  return first === undefined
    ? undefined
    : [first, ...[...rest.matchAll(/\[([^[\]]*)\]/g)].map(([, part]) => part ?? '')]
}

const put = (branch: Branch, [first = '', ...rest]: readonly string[], value: string, name: string): void => {
  const step = first === '' ? String(branch.size) : first
  if (rest.length === 0) {
    branch.set(step, value)
    return
  }
  const next = branch.get(step) ?? new Map<string, Branch | string>()
  if (typeof next === 'string') throw invalidRequest(`Invalid parameter name: ${name}`, { param: name })
  branch.set(step, next)
  put(next, rest, value, name)
}

const formOf = (branch: Branch | string): Form => {
  if (typeof branch === 'string') return branch
  const entries = [...branch]
  if (entries.every(([name]) => /^\d+$/.test(name))) return entries.map(([, part]) => formOf(part))
  return Object.fromEntries(entries.map(([name, part]) => [name, formOf(part)]))
}

/** The same for parameters in any order: what an idempotency key is held against. */
export const canonical = (form: Form): string =>
  typeof form === 'string'
    ? JSON.stringify(form)
    : Array.isArray(form)
      ? `[${form.map(canonical).join()}]`
      : `{${Object.keys(form)
          .toSorted()
          .map((name) => `${JSON.stringify(name)}:${canonical(form[name] ?? '')}`)
          .join()}}`
