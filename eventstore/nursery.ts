/** Works that live and die together. */
export interface Nursery {
  /** Aborted when one of them has failed, or the outer signal is. */
  readonly signal: AbortSignal
  /** Begins a work; its failure ends all of them. */
  readonly run: (work: () => Promise<void>) => void
  /** Resolves when all have ended; throws the first failure. */
  readonly ended: () => Promise<void>
}

export const nursery = (outer: AbortSignal): Nursery => {
  const stopping = new AbortController()
  const signal = AbortSignal.any([outer, stopping.signal])
  const works = new Set<Promise<void>>()
  let failure: { readonly fault: unknown } | undefined
  return {
    signal,
    run: (work) => {
      const done: Promise<void> = work()
        .catch((fault: unknown) => {
          // What fails because all are being ended is not why they are.
          if (!signal.aborted) failure ??= { fault }
          stopping.abort(fault)
        })
        .finally(() => works.delete(done))
      works.add(done)
    },
    ended: async () => {
      while (works.size > 0) await Promise.all(works)
      if (failure) throw failure.fault
    },
  }
}
