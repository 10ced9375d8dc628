import { noVerdicts, recordVerdict, verdictOn } from '../eventstore/verdicts.ts'
import type { Knowledge, Matter, Searched, Verdicts } from '../eventstore/verdicts.ts'

/** What a wallet decided about a matter. */
export interface WalletVerdict<Failure> {
  /** Undefined: it did what it was asked. */
  readonly failure: Failure | undefined
}

/** How a wallet remembers its verdicts on one kind of matter: at least the last `limit`, at most twice as many. */
export const verdictMemory = <Asked, Failure>(limit: number, matterOf: (asked: Asked) => Matter) => ({
  empty: noVerdicts<WalletVerdict<Failure>>(),

  record: (
    verdicts: Verdicts<WalletVerdict<Failure>>,
    asked: Asked,
    failure: Failure | undefined,
  ): Verdicts<WalletVerdict<Failure>> => recordVerdict(verdicts, matterOf(asked), { failure }, limit),

  on: (
    verdicts: Verdicts<WalletVerdict<Failure>>,
    asked: Asked,
    searched?: Searched<WalletVerdict<Failure>>,
  ): Knowledge<WalletVerdict<Failure>> => verdictOn(verdicts, matterOf(asked), searched),
})
