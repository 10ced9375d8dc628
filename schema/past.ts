import { z } from 'zod'
import { forAdmins } from './resolver.ts'
import type { Field } from './resolver.ts'

/** The argument of every field that also knows the past; the scalar has made it what the log would say. */
export const at = z.string()

const AsksForThePast = z.object({ at })

/** A field that says how things are and, where `at` is given, to admins how they were. */
export const throughTime = <Present, Past>(
  present: Field<Present>,
  past: Field<Past>,
): Field<Present | Past> => {
  const pastForAdmins = forAdmins(past)
  return async (source, args, context) =>
    AsksForThePast.safeParse(args).success
      ? pastForAdmins(source, args, context)
      : present(source, args, context)
}
