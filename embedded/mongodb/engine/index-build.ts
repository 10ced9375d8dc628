import type { Collection, Index } from './collection.ts'
import { duplicateOf } from './duplicate-key.ts'
import { entryValue, keysOf } from './index-keys.ts'

/** Adds the documents that are already there to a new index. */
export function buildIndex({ namespace, documents }: Collection, index: Index): void {
  const { definition, table } = index
  for (const { key: record, value: document } of documents.getRange()) {
    const { keys, multikey } = keysOf(definition, document, record)
    for (const key of keys) {
      if (definition.unique && table.doesExist(key)) throw duplicateOf(namespace, definition, document)
      table.putSync(key, entryValue(definition, record))
    }
    if (multikey) index.multikey = true
  }
}
