import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { eur } from '../domain/controls.ts'
import { UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { orderCommands } from '../orders/commands.ts'
import { order } from '../orders/order.ts'
import { walletCommands } from '../payments/commands.ts'
import { wallet } from '../payments/wallet.ts'
import { wholeLog } from './promises.ts'
import { startEventStore } from './startEventStore.ts'

const KILLS = 20

const { node, client } = await startEventStore()

const cause = begin('request', 'somebody')
const deps = () => ({ client, now: () => new Date(), newId: randomUUID })
const wallets = () => walletCommands(writerOf(wallet, deps()))
const orders = () =>
  orderCommands({
    client,
    orders: writerOf(order, deps()),
    catalogue: builtInCatalogue(),
    now: () => new Date(),
    paymentTimeout: 600_000,
  })

/** Starts the payments service; it dies right after its first event of the given type is on disk. */
const payments = (dieAfter?: string): ChildProcess =>
  spawn(process.execPath, ['--import', './tests/dieAfterAppending.ts', 'payments/main.ts'], {
    env: {
      ...process.env,
      EVENTSTORE_URL: node.connectionString,
      PAYMENTS_PORT: '0',
      LOG_LEVEL: 'error',
      DIE_AFTER_APPENDING: dieAfter ?? '',
    },
    stdio: 'inherit',
  })

describe.each(['FundsDebited', 'PaymentSucceeded'])(
  `payments, killed ${KILLS} times after %s and before it could acknowledge the order`,
  (fatal) => {
    it('charges each order exactly once', { timeout: 120_000 }, async () => {
      const customerId = UserId.parse(randomUUID())
      await wallets().openWallet({ ownerId: customerId, currency: 'EUR', idempotencyKey: 'open' }, cause)
      await wallets().deposit({ ownerId: customerId, money: eur(10_000), idempotencyKey: 'fill' }, cause)
      const placed: string[] = []
      const place = async () => {
        const idempotencyKey = `order ${placed.length}`
        const request = {
          customerId,
          price: eur(100),
          description: 'a book',
          paymentMethod: 'WALLET',
          idempotencyKey,
        }
        const answer = await orders().placeOrder({ ...request, paymentMethod: 'WALLET' }, cause)
        if (answer.refused) throw new Error(answer.refused.code)
        placed.push(answer.order.orderId)
      }

      for (let kills = 0; kills < KILLS; kills++) {
        const killed = payments(fatal)
        await place()
        await once(killed, 'exit')
        expect(killed.signalCode).toBe('SIGKILL')
      }
      const last = payments()
      await place()
      const outcomes = async (type: string) =>
        (await wholeLog(client)).flatMap((event) =>
          event.type === type && 'orderId' in event.data && placed.includes(event.data.orderId)
            ? [event.data.orderId]
            : [],
        )
      await expect.poll(() => outcomes('PaymentSucceeded'), { timeout: 30_000 }).toHaveLength(placed.length)
      expect((await outcomes('PaymentSucceeded')).toSorted()).toEqual(placed.toSorted())
      expect((await outcomes('FundsDebited')).toSorted()).toEqual(placed.toSorted())

      const empty = await wallets().deposit(
        { ownerId: customerId, money: eur(1), idempotencyKey: 'last' },
        cause,
      )
      expect(empty).toMatchObject({ balance: eur(10_001 - 100 * placed.length) })
      last.kill('SIGTERM')
      await once(last, 'exit')
    })
  },
)
