import type { core } from 'zod'

/** Where in a request something is. */
export type Place = 'body' | 'query' | 'path' | 'header'

/** Something in a request that makes no sense. */
export interface Mistake {
  readonly in: Place
  /** Which part of it, as its path: `lines/0/sku`; empty for all of it. */
  readonly name: string
  readonly detail: string
}

/** The mistakes in a part of a request; where one of several forms is allowed, those in the form that is nearest. */
export const mistakesIn = (place: Place, issues: readonly core.$ZodIssue[]): readonly Mistake[] =>
  issues.flatMap(inNearestForm).map(({ path, message }) => ({
    in: place,
    name: path.map(String).join('/'),
    detail: message,
  }))

const inNearestForm = (issue: core.$ZodIssue): readonly core.$ZodIssue[] => {
  if (issue.code !== 'invalid_union') return [issue]
  const forms = issue.errors.map((issues) => issues.flatMap(inNearestForm))
  const [nearest] = forms.filter((form) => form.length > 0).toSorted((a, b) => a.length - b.length)
  return nearest?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) ?? [issue]
}
