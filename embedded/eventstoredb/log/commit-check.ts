/**
 * The commit check: may these events be appended to this stream, given what is expected of it? A pure function;
 * the order of its rules is that of a real node.
 */
export const Expected = { noStream: -1, any: -2, streamExists: -4 } as const

/** A revision, or one of `Expected`. */
export type ExpectedRevision = number

export interface StreamState {
  /** Of the last event, -1 if there is none. */
  readonly revision: number
  /** Set also for the metadata stream of a tombstoned stream. */
  readonly tombstoned: boolean
  readonly softDeleted: boolean
  readonly hasMetadata: boolean
  /** Id of the event at a revision, if there is one. */
  idAt(revision: number): string | undefined
  /** Revision of an event of this stream, if its id is among those remembered. */
  revisionOf(id: string): number | undefined
}

export interface Identified {
  readonly id: string
}

export type Verdict =
  | { readonly kind: 'append' }
  | { readonly kind: 'already'; readonly last: number }
  | { readonly kind: 'wrong-revision' }
  | { readonly kind: 'deleted' }

const append: Verdict = { kind: 'append' }
const wrongRevision: Verdict = { kind: 'wrong-revision' }
const deleted: Verdict = { kind: 'deleted' }

export function checkCommit(
  state: StreamState,
  expected: ExpectedRevision,
  events: readonly Identified[],
): Verdict {
  if (state.tombstoned) return deleted
  if (state.revision < 0 && !state.hasMetadata) {
    return expected === Expected.any || expected === Expected.noStream ? append : wrongRevision
  }
  if (expected === Expected.streamExists) {
    if (state.softDeleted) return deleted
    if (state.revision < 0 && !state.hasMetadata) return wrongRevision
  }
  if (expected === Expected.any || expected === Expected.streamExists) return checkById(state, events)
  if (expected > state.revision) return wrongRevision
  return expected === state.revision ? append : checkResent(state, expected, events)
}

/** Without an expected revision only the ids tell a resent write from a new one. */
function checkById(state: StreamState, events: readonly Identified[]): Verdict {
  let last: number | undefined
  for (const { id } of events) {
    const revision = state.revisionOf(id)
    if (revision === undefined) return last === undefined ? append : wrongRevision
    last = revision
  }
  return last === undefined ? append : { kind: 'already', last }
}

/** A write that expects an older revision is right only if it is there already, event by event. */
function checkResent(state: StreamState, expected: number, events: readonly Identified[]): Verdict {
  if (events.length === 0) return wrongRevision
  for (const [index, { id }] of events.entries()) {
    if (state.idAt(expected + 1 + index) === id) continue
    const revives = index === 0 && expected === Expected.noStream && state.softDeleted
    return revives ? append : wrongRevision
  }
  return { kind: 'already', last: expected + events.length }
}
