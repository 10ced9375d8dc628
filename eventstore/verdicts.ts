import { refuse } from './decision.ts'
import type { Decision } from './decision.ts'
import { nothingRemembered, recall, remember } from './remembered.ts'
import type { Remembered } from './remembered.ts'

/** What is decided about once: its id, and when it came up, as `toISOString` writes it. */
export interface Matter {
  readonly id: string
  readonly at: string
}

/**
 * An aggregate's verdicts, one on each matter. The memory is bounded, and exact all the same: it knows up to
 * which time matters may have been forgotten, and says so instead of guessing.
 */
export interface Verdicts<V extends object> {
  readonly remembered: Remembered<{ readonly at: string; readonly verdict: V }>
  /** What came up at or before this time may be forgotten; empty if nothing is. */
  readonly forgottenUpTo: string
  /** How often some were forgotten: tells whether a search in the stream is out of date. */
  readonly forgettings: number
}

export const noVerdicts = <V extends object>(): Verdicts<V> => ({
  remembered: nothingRemembered(),
  forgottenUpTo: '',
  forgettings: 0,
})

/** Remembers the last `limit` verdicts at least, and at most twice as many. */
export const recordVerdict = <V extends object>(
  verdicts: Verdicts<V>,
  { id, at }: Matter,
  verdict: V,
  limit: number,
): Verdicts<V> => {
  const remembered = remember(verdicts.remembered, id, { at, verdict }, limit)
  const { older } = verdicts.remembered
  if (remembered.older === older) return { ...verdicts, remembered }
  return {
    remembered,
    forgottenUpTo: older.reduce((latest, { at }) => (at > latest ? at : latest), verdicts.forgottenUpTo),
    forgettings: verdicts.forgettings + 1,
  }
}

/** What is known of a matter. */
export type Knowledge<V> =
  | { readonly known: 'YES'; readonly verdict: V }
  | { readonly known: 'NO' }
  | { readonly known: 'FORGOTTEN'; readonly forgettings: number }

/** What a search in the stream found, begun after so many forgettings. */
export interface Searched<V> {
  readonly forgettings: number
  readonly found: V | undefined
}

/** A search counts as knowing until some more is forgotten: what was decided since is remembered. */
export const verdictOn = <V extends object>(
  { remembered, forgottenUpTo, forgettings }: Verdicts<V>,
  { id, at }: Matter,
  searched?: Searched<V>,
): Knowledge<V> => {
  const verdict = recall(remembered, id)?.verdict
  if (verdict) return { known: 'YES', verdict }
  if (at > forgottenUpTo) return { known: 'NO' }
  if (searched?.forgettings !== forgettings) return { known: 'FORGOTTEN', forgettings }
  return searched.found ? { known: 'YES', verdict: searched.found } : { known: 'NO' }
}

/** A state can't tell whether it has decided about a matter: that was too many matters ago. */
export interface Forgotten {
  readonly code: 'FORGOTTEN'
  readonly forgettings: number
}

/** Decides about a matter once: a verdict on it stands, and without one `decide` has to give it, by its events. */
export const decidingOnce = <V, Event>(
  knowledge: Knowledge<V>,
  decide: () => readonly Event[],
): Decision<Event, Forgotten> => {
  switch (knowledge.known) {
    case 'YES':
      return []
    case 'NO':
      return decide()
    case 'FORGOTTEN':
      return refuse({ code: 'FORGOTTEN', forgettings: knowledge.forgettings })
    default:
      return knowledge satisfies never
  }
}
