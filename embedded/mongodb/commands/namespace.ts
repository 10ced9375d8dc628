import { MongoError } from '../errors.ts'
import type { Context } from './command.ts'

export function namespaceOf({ database }: Pick<Context, 'database'>, collection: string): string {
  if (collection === '')
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${database}.'`)
  return `${database}.${collection}`
}

export function databaseOf(namespace: string): string {
  return namespace.slice(0, namespace.indexOf('.'))
}

export function collectionOf(namespace: string): string {
  return namespace.slice(namespace.indexOf('.') + 1)
}
