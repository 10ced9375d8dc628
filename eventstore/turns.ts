/** Lets one piece of work at a time in, in the order of asking. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

export const turns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}
