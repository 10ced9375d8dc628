import { expect } from 'vitest'
import { isRefusal } from './decision.ts'
import type { Decider, Decision } from './decision.ts'

type Plain<E> = E extends { type: infer T; data: infer D } ? { type: T; data: D } : never

/** Examples of a decider's rules: `given(events).when(decision).then(events | refused(…))`. */
export const scenario = <State, Event>(decider: Decider<State, Event>) => {
  const fold = (events: readonly Event[]): State => events.reduce(decider.evolve, decider.initial)
  return {
    fold,
    given: (...events: readonly Event[]) => ({
      when: <R>(decide: (state: State) => Decision<Event, R>) => {
        const decision = decide(fold(events))
        return {
          then: (...expected: readonly Plain<Event>[]) => expect(decision).toEqual(expected),
          thenNothing: () => expect(decision).toEqual([]),
          thenRefused: (refusal: R) => {
            expect(isRefusal(decision) ? decision.refused : decision).toEqual(refusal)
          },
        }
      },
      whenImpossible: (decide: (state: State) => Decision<Event, unknown>) =>
        expect(() => decide(fold(events))).toThrow(/impossible/),
    }),
  }
}
