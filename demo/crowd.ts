/** Does the work for each item, at most so many at a time; stops at the first failure, and throws it. */
export const crowd = async <T>(
  items: Iterable<T>,
  atATime: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const rest = items[Symbol.iterator]()
  let failed = false
  const worker = async () => {
    for (let next = rest.next(); !next.done && !failed; next = rest.next()) {
      try {
        await work(next.value)
      } catch (fault) {
        failed = true
        throw fault
      }
    }
  }
  await Promise.all(Array.from({ length: atATime }, worker))
}
