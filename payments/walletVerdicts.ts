import type { UserId } from '../domain/ids.ts'
import type { EventStoreDBClient } from '@eventstore/db-client'
import { decideOnce, newestAbout } from '../eventstore/decideOnce.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { Forgotten, Knowledge, Searched } from '../eventstore/verdicts.ts'
import type { WalletEvent } from './events.ts'
import type { WalletVerdict } from './verdictMemory.ts'
import { wallet } from './wallet.ts'
import type { Wallet } from './wallet.ts'

export interface WalletVerdictOptions {
  readonly client: EventStoreDBClient
  readonly wallets: Writer<Wallet, WalletEvent>
}

/** A matter that a wallet decides about once: the first verdict stands, however often it is asked. */
export interface Question<Failure> {
  readonly ownerId: UserId
  /** When it came up: nothing about it is older. */
  readonly at: string
  readonly decide: (
    searched: Searched<WalletVerdict<Failure>> | undefined,
  ) => (wallet: Wallet) => Decision<WalletEvent, Forgotten>
  readonly known: (
    wallet: Wallet,
    searched: Searched<WalletVerdict<Failure>> | undefined,
  ) => Knowledge<WalletVerdict<Failure>>
  /** The verdict that an event is; undefined if it is about something else. */
  readonly verdictIn: (event: WalletEvent) => WalletVerdict<Failure> | undefined
}

/**
 * Asks a wallet for its verdict; one so old that the wallet may have forgotten it is looked up in its stream. Answers
 * why the wallet refused; undefined if it did what it was asked.
 */
export const walletVerdicts =
  ({ client, wallets }: WalletVerdictOptions) =>
  async <Failure>(question: Question<Failure>, cause: Cause): Promise<Failure | undefined> => {
    const { ownerId, at, decide, known, verdictIn } = question
    const { failure } = await decideOnce({
      decide: (searched: Searched<WalletVerdict<Failure>> | undefined) =>
        wallets.transact(ownerId, decide(searched), { cause }),
      known,
      search: async () => {
        const isAbout = (event: WalletEvent) => verdictIn(event) !== undefined
        const found = await newestAbout(client, streamOf(wallet, ownerId), at, isAbout)
        return found && verdictIn(found)
      },
    })
    return failure
  }
