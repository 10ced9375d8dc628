import type { Operations } from '../client/operations.ts'
import { positionOf } from '../service/opaque.ts'

/** The queries that show a change; those of the wallet after a deposit, the others after an order. */
export const showing = ['wallet', 'walletEntries', 'order', 'orders', 'payment'] as const
export type Showing = (typeof showing)[number]

/** A change that was answered, and how to see whether a query shows it. */
export interface Change {
  readonly token: string
  /**
   * Asks: false if the answer is older than the change. Throws `Wrong` if it is no state that there ever was. It can
   * tell until the person's next change.
   */
  readonly isShown: (token?: string) => Promise<boolean>
}

/** An answer that is not only old: a balance that is off, an entry that is missing between others. */
export class Wrong extends Error {
  override readonly name = 'Wrong'
}

const CURRENCY = 'EUR'
const FILLED = 1_000_000_000
const DEPOSIT = { amount: 701, currency: CURRENCY }
const PRICE = { amount: 103, currency: CURRENCY }
const ENTRIES = 20
const ORDERS = 5

/**
 * A person who makes one change after another. All deposits but the first are alike, and so are all orders, and
 * the wallet is never short: so a balance follows from the wallet's revision and from how many deposits there were,
 * whenever the orders are debited.
 */
export const personWith = async (
  user: string,
  { writes, reads, newKey }: { writes: Operations; reads: Operations; newKey: () => string },
) => {
  let deposits = 0
  let turn = 0

  const balanceAt = (revision: number) =>
    FILLED + deposits * DEPOSIT.amount - (revision - 1 - deposits) * PRICE.amount
  const hold = (what: string, is: unknown, expected: unknown) => {
    if (is !== expected)
      throw new Wrong(`${what} of ${user} is ${String(is)}, and should be ${String(expected)}`)
  }
  const isAsNew = (answer: string, change: string) => positionOf(answer) >= positionOf(change)

  const deposit = async () => {
    const answer = await writes.deposit(user, DEPOSIT, newKey())
    if (answer.__typename !== 'Wallet') throw new Wrong(answer.message)
    deposits++
    hold('balance after the deposit', answer.balance.amount, balanceAt(answer.revision))
    return answer
  }
  const place = async () => {
    const answer = await writes.placeOrder(user, {
      price: PRICE,
      description: `order ${turn++}`,
      idempotencyKey: newKey(),
    })
    if (answer.__typename !== 'Order') throw new Wrong(answer.message)
    return answer
  }

  const showsEntry = async (revision: number, balance: number, token?: string): Promise<boolean> => {
    const revisionOf = (id: string) => Number(id.slice(id.lastIndexOf(':') + 1))
    for (let after: string | null | undefined; after !== null;) {
      const page = await reads.walletEntries(user, { first: ENTRIES, ...(after && { after }) }, token)
      const entry = page.nodes.find(({ id }) => id === `${user}:${revision}`)
      if (entry) {
        hold('kind of the entry', entry.kind, 'DEPOSIT')
        hold('amount of the entry', entry.amount.amount, DEPOSIT.amount)
        hold('balance of the entry', entry.balance.amount, balance)
        return true
      }
      const [newest, oldest] = [page.nodes[0], page.nodes.at(-1)]
      if (!newest || !oldest || (after === undefined && revisionOf(newest.id) < revision)) return false
      if (revisionOf(oldest.id) < revision) throw new Wrong(`entry ${user}:${revision} is missing`)
      after = page.next
    }
    throw new Wrong(`entry ${user}:${revision} is missing`)
  }

  const changes: Readonly<Record<Showing, () => Promise<Change>>> = {
    wallet: async () => {
      const { revision, consistencyToken } = await deposit()
      const isShown = async (token?: string) => {
        const wallet = await reads.wallet(user, token)
        if (!wallet) return false
        hold('currency', wallet.balance.currency, CURRENCY)
        if (wallet.revision < revision || !isAsNew(wallet.consistencyToken, consistencyToken)) return false
        hold('balance', wallet.balance.amount, balanceAt(wallet.revision))
        return true
      }
      return { token: consistencyToken, isShown }
    },
    walletEntries: async () => {
      const { revision, balance, consistencyToken } = await deposit()
      return {
        token: consistencyToken,
        isShown: (token) => showsEntry(revision, balance.amount, token),
      }
    },
    order: async () => {
      const { id, consistencyToken } = await place()
      const isShown = async (token?: string) => {
        const order = await reads.order(user, id, token)
        if (!order || !isAsNew(order.consistencyToken, consistencyToken)) return false
        hold('price of the order', order.price.amount, PRICE.amount)
        return true
      }
      return { token: consistencyToken, isShown }
    },
    orders: async () => {
      const { id, consistencyToken } = await place()
      const isShown = async (token?: string) =>
        (await reads.orders(user, { first: ORDERS }, token)).nodes[0]?.id === id
      return { token: consistencyToken, isShown }
    },
    payment: async () => {
      const { id, consistencyToken } = await place()
      const isShown = async (token?: string) => {
        const payment = await reads.payment(user, id, token)
        if (payment) hold('price of the payment', payment.price.amount, PRICE.amount)
        return payment !== null
      }
      return { token: consistencyToken, isShown }
    },
  }

  const opened = await writes.openWallet(user, CURRENCY, newKey())
  if (opened.__typename !== 'Wallet') throw new Wrong(opened.message)
  const filled = await writes.deposit(user, { amount: FILLED, currency: CURRENCY }, newKey())
  if (filled.__typename !== 'Wallet') throw new Wrong(filled.message)
  return {
    /** Makes the change that the query shows. */
    change: (showing: Showing): Promise<Change> => changes[showing](),
  }
}
export type Person = Awaited<ReturnType<typeof personWith>>
