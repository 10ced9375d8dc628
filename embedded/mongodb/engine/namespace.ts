import { MongoError } from '../errors.ts'

/** MongoDB's longest name of a collection, its database included. */
const longestNamespace = 255

export function rejectBadName(namespace: string): void {
  const dot = namespace.indexOf('.')
  const database = namespace.slice(0, dot)
  const collection = namespace.slice(dot + 1)
  const bad =
    dot <= 0 ||
    collection === '' ||
    collection.startsWith('.') ||
    collection.startsWith('system.') ||
    /[\0$]/.test(collection) ||
    /[\0/\\ "$]/.test(database) ||
    Buffer.byteLength(namespace) > longestNamespace
  if (bad) throw new MongoError('InvalidNamespace', `Invalid namespace specified '${namespace}'`)
}
