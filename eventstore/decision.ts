/** A typed "no" to the caller: nothing is appended. What somebody reacts to is an event instead. */
export interface Refusal<R> {
  readonly refused: R
}

/** What a decision answers: events to append (none means "already so"), or a refusal. */
export type Decision<E, R = never> = readonly E[] | Refusal<R>

export const refuse = <const R>(refused: R): Refusal<R> => ({ refused })

export const isRefusal = <E, R>(decision: Decision<E, R>): decision is Refusal<R> => 'refused' in decision

/** What a caller is told of a command that a rule refused; `position` is where in the log that stands. */
export interface RefusedAnswer<R> {
  readonly refused: R
  readonly position: bigint
}

/** How a stream of events folds into a state. `evolve` is total, decides nothing, and never mutates. */
export interface Decider<State, Event> {
  readonly initial: State
  readonly evolve: (state: State, event: Event) => State
}

/** Marks what the types exclude; a defect if it is ever reached. */
export const impossible = (what: string): never => {
  throw new Error(`impossible: ${what}`)
}
