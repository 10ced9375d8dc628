/**
 * Gathers the questions of one turn into one that is asked for all of them, `most` at a time. Questions for the same
 * key within the turn must be one already: that is the cache's part.
 */
export const together = <K, V>(
  most: number,
  askAll: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
): ((key: K) => Promise<V>) => {
  let gathered: { readonly keys: K[]; readonly answers: Promise<ReadonlyMap<K, V>> } | undefined

  const gather = () => {
    const keys: K[] = []
    // The keys of this turn are all there when the first microtask after it runs.
    const answers = Promise.resolve().then(() => {
      if (gathered?.keys === keys) gathered = undefined
      return askAll(keys)
    })
    return { keys, answers }
  }

  return async (key) => {
    if (!gathered || gathered.keys.length >= most) gathered = gather()
    const { keys, answers } = gathered
    keys.push(key)
    const found = (await answers).get(key)
    if (found === undefined) throw new Error('a question of many was left without an answer')
    return found
  }
}
