import { z } from 'zod'
import { invalidRequest } from '../books/fault.ts'
import type { Fault } from '../books/fault.ts'
import type { Form } from './form.ts'

const badly = (ctx: z.core.$RefinementCtx, code: string, message: string): never => {
  ctx.addIssue({ code: 'custom', message, params: { code } })
  return z.NEVER
}

export const integer = z
  .string()
  .transform((text, ctx) =>
    /^-?\d{1,15}$/.test(text)
      ? Number(text)
      : badly(ctx, 'parameter_invalid_integer', `Invalid integer: ${text}`),
  )

export const truth = z.enum(['true', 'false']).transform((text) => text === 'true')

export const text = (longest = 5_000) => z.string().max(longest)

/** An empty text takes back what was there. */
export const erasable = (longest?: number) => text(longest).transform((value) => value || null)

const MOST_NAMES = 50

const Names = z.record(z.string().min(1).max(40), z.string().max(500))

/** Names with an empty text are to be taken away; all of them, if there is only an empty text. */
export const metadata = z
  .union([z.literal(''), Names])
  .refine((given) => Object.keys(given).length <= MOST_NAMES, `There are more than ${MOST_NAMES} names.`)

export const merged = (
  before: Readonly<Record<string, string>>,
  given: z.infer<typeof metadata> | undefined,
): Record<string, string> => {
  if (given === undefined) return { ...before }
  if (given === '') return {}
  return Object.fromEntries(Object.entries({ ...before, ...given }).filter(([, value]) => value !== ''))
}

export const expand = { expand: z.array(text(200)).max(20).optional() }

export const paging = {
  ...expand,
  limit: integer.pipe(z.int().min(1).max(100)).default(10),
  starting_after: text(100).optional(),
  ending_before: text(100).optional(),
}

/** What a request says, or a `Fault` that names the first parameter that makes no sense. */
export const parse = <P>(schema: z.ZodType<P>, form: { readonly [name: string]: Form }): P => {
  const parsed = schema.safeParse(form, { reportInput: true })
  if (parsed.success) return parsed.data
  throw faultOf(parsed.error.issues[0])
}

const faultOf = (issue: z.core.$ZodIssue | undefined): Fault => {
  const path = issue?.path.map(String) ?? []
  const nameOf = ([first = '', ...rest]: readonly string[]) =>
    first + rest.map((part) => `[${part}]`).join('')
  const param = nameOf(path)
  if (issue?.code === 'unrecognized_keys') {
    const unknown = nameOf([...path, issue.keys[0] ?? ''])
    return invalidRequest(`Received unknown parameter: ${unknown}`, {
      code: 'parameter_unknown',
      param: unknown,
    })
  }
  if (issue?.code !== 'custom' && issue?.input === undefined)
    return invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param })
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined
  return invalidRequest(issue.code === 'custom' ? issue.message : `Invalid ${param}: ${issue.message}`, {
    ...(typeof code === 'string' ? { code } : {}),
    param,
  })
}
