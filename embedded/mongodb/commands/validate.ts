import { toRaw } from '../bson/codec.ts'
import { MongoError } from '../errors.ts'
import type { Commands } from './command.ts'
import { namespaceOf } from './namespace.ts'

export const validateCommands: Commands = {
  validate: async (args, context) => {
    const ns = namespaceOf(context, args.string('validate'))
    const collection = context.store.catalog.get(ns)
    if (collection === undefined)
      throw new MongoError('NamespaceNotFound', `Collection '${ns}' does not exist to validate.`)
    if (args.boolean('repair', false))
      throw new MongoError('InvalidOptions', 'validate with repair is not supported')
    const { records, invalidDocuments, keysPerIndex, indexErrors, errors } =
      await context.store.validate(collection)
    const indexDetails = Object.fromEntries(
      Object.entries(indexErrors).map(([name, wrong]) => [
        name,
        { valid: wrong.length === 0, ...(wrong.length > 0 && { errors: wrong }) },
      ]),
    )
    return toRaw({
      ns,
      nInvalidDocuments: invalidDocuments,
      nrecords: records,
      nIndexes: Object.keys(keysPerIndex).length,
      keysPerIndex,
      indexDetails,
      valid: errors.length === 0,
      repaired: false,
      warnings: [],
      errors,
      ok: 1,
    })
  },
}
