import { MongoError } from '../errors.ts'
import type { Context } from './command.ts'

export function namespaceOf({ database }: Pick<Context, 'database'>, collection: string): string {
  if (collection === '' || collection.includes('\0'))
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${database}.'`)
  return `${database}.${collection}`
}

/** A namespace that a client names as a whole. */
export function checkNamespace(namespace: string): void {
  if (databaseOf(namespace) === '' || collectionOf(namespace) === '' || !namespace.includes('.'))
    throw new MongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`)
  checkDatabase(databaseOf(namespace))
}

export function databaseOf(namespace: string): string {
  return namespace.slice(0, namespace.indexOf('.'))
}

export function collectionOf(namespace: string): string {
  return namespace.slice(namespace.indexOf('.') + 1)
}

/** A database is named by what could be the name of a file, in at most 63 bytes. */
export function checkDatabase(name: string): void {
  if (name === '' || name.length > 63 || /[\0/\\. "$]/.test(name))
    throw new MongoError('InvalidNamespace', `Invalid database name: '${name}'`)
}
