import { z } from 'zod'
import { OrderId, TopUpId, UserId } from '../domain/ids.ts'
import { Amount, Balance, CurrencyCode, Money } from '../domain/money.ts'
import {
  DepositFailure,
  OrderFailure,
  PaymentFailure,
  PaymentMethod,
  ProcessorCode,
} from '../domain/payment.ts'
import { Sku, Warehouse } from '../domain/product.ts'
import { Audience, Delay, DeliveryFailure } from '../notifications/events.ts'
import { Notice } from '../notifications/notice.ts'
import { OrderLine } from '../orders/events.ts'
import { CartItem } from '../orders/cart/events.ts'
import { Seen } from './projection.ts'

const At = z.iso.datetime()

export const OrderStatus = z.enum(['NEW', 'AWAITING_PAYMENT', 'PAID', 'FAILED', 'CANCELLED', 'REFUNDED'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** Collection `orders`; `_id` is the order's id. */
export const OrderView = z.object({
  _id: OrderId,
  customerId: UserId,
  status: OrderStatus,
  price: Money,
  description: z.string().optional(),
  /** Not in documents of the first version. */
  lines: z.array(OrderLine).optional(),
  paymentMethod: PaymentMethod,
  failure: OrderFailure.optional(),
  /** What was given back so far, if anything. */
  refunded: Money.optional(),
  placedAt: At,
  payBy: At,
  /** Revision of the newest status. */
  revision: z.int(),
  /** Every status in order, with the revision, the time and the log position of its event. */
  history: z.array(z.object({ status: OrderStatus, revision: z.int(), at: At, position: z.int() })),
  /** Log position of the placing: what lists are sorted by. */
  placedPosition: z.int(),
  /** When somebody has to look after it, if it has not moved by then; absent when nothing is left to do. */
  dueAt: At.optional(),
})
export type OrderView = z.infer<typeof OrderView>
export const OrderDocument = OrderView.extend(Seen.shape)
export type OrderDocument = z.infer<typeof OrderDocument>

/** Collection `wallets`; `_id` is the owner's id. */
export const WalletView = z.object({
  _id: UserId,
  balance: z.object({ amount: Balance, currency: CurrencyCode }),
  openedAt: At,
  /** Log position of the opening: what lists are sorted by. Not in documents of the first version. */
  openedPosition: z.int().optional(),
  revision: z.int(),
})
export type WalletView = z.infer<typeof WalletView>
export const WalletDocument = WalletView.extend(Seen.shape)
export type WalletDocument = z.infer<typeof WalletDocument>
/** A wallet that has its place in lists. */
export const ListedWallet = WalletDocument.required({ openedPosition: true })
export type ListedWallet = z.infer<typeof ListedWallet>

/** Collection `ledger`; `_id` is `<owner id>:<revision>`. Amounts are in the wallet's currency. */
export const LedgerView = z.object({
  _id: z.string(),
  ownerId: UserId,
  /** Revision of the wallet's event. */
  revision: z.int(),
  kind: z.enum(['DEPOSIT', 'DEBIT', 'REFUND']),
  amount: Amount,
  /** The wallet's balance after this entry. */
  balance: Balance,
  orderId: OrderId.optional(),
  /** The money was paid by card, or is back on it. Not in documents of the first version. */
  topUpId: TopUpId.optional(),
  at: At,
})
export type LedgerView = z.infer<typeof LedgerView>
export const LedgerDocument = LedgerView.extend(Seen.shape)
export type LedgerDocument = z.infer<typeof LedgerDocument>

export const PaymentStatus = z.enum([
  'PENDING',
  'SUCCEEDED',
  'FAILED',
  'CANCELLED',
  'REFUNDED',
  'PARTIALLY_REFUNDED',
])
export type PaymentStatus = z.infer<typeof PaymentStatus>

/** Collection `payments`; `_id` is the order's id. */
export const PaymentView = z.object({
  _id: OrderId,
  customerId: UserId,
  status: PaymentStatus,
  method: PaymentMethod,
  price: Money,
  failure: PaymentFailure.optional(),
  /** What was given back so far, if anything. */
  refunded: Money.optional(),
  history: z.array(z.object({ status: PaymentStatus, cause: z.string(), at: At })),
})
export type PaymentView = z.infer<typeof PaymentView>
export const PaymentDocument = PaymentView.extend(Seen.shape)
export type PaymentDocument = z.infer<typeof PaymentDocument>

export const TopUpStatus = z.enum([
  'PENDING',
  'REFUSED',
  'PAID',
  'DEPOSITED',
  'RETURNED',
  'RETURN_FAILED',
  'CANCELLED',
])
export type TopUpStatus = z.infer<typeof TopUpStatus>

/** Collection `topUps`; `_id` is the top-up's id. */
export const TopUpView = z.object({
  _id: TopUpId,
  ownerId: UserId,
  amount: Money,
  status: TopUpStatus,
  /** Why the last card was declined, as the processor calls it. */
  declineCode: ProcessorCode.optional(),
  /** Why the wallet could not take the money. */
  failure: DepositFailure.optional(),
  /** What somebody gave back at the processor although it was in the wallet. */
  refunded: Money.optional(),
  /** What could not be taken out of the wallet for that, as it is spent: the shop is short of it. */
  uncovered: Money.optional(),
  requestedAt: At,
  payBy: At,
  /** When it is to be let go; absent once nobody can pay it any more. */
  dueAt: At.optional(),
  history: z.array(z.object({ status: TopUpStatus, at: At })),
})
export type TopUpView = z.infer<typeof TopUpView>
export const TopUpDocument = TopUpView.extend(Seen.shape)
export type TopUpDocument = z.infer<typeof TopUpDocument>

/** A sum over everybody: minor units in decimal digits, as it may be larger than any number. */
const Sum = z.string().regex(/^\d+$/)
export const MoneyTotals = z.object({
  deposited: Sum,
  debited: Sum,
  /** What payments took for orders, as soon as it is put on record. */
  paid: Sum,
  /** What went back into wallets. Not in documents of the first version. */
  refunded: Sum.optional(),
  /** The part of `paid` that cards paid; absent before any did. */
  paidByCard: Sum.optional(),
  /** What went back from orders to cards; absent before any did. */
  refundedToCard: Sum.optional(),
})
export type MoneyTotals = z.infer<typeof MoneyTotals>

/** Collection `stats`: the one document that people read. */
export const StatsView = z.object({
  _id: z.literal('totals'),
  /** How many orders are in each status. */
  orders: z.partialRecord(OrderStatus, z.int().min(0)),
  /** By currency. */
  money: z.record(CurrencyCode, MoneyTotals),
})
export type StatsView = z.infer<typeof StatsView>
export const StatsDocument = StatsView.extend(Seen.shape)
export type StatsDocument = z.infer<typeof StatsDocument>

/** Collection `stats`, too: the currency of a wallet, which its later events don't name. */
export const WalletCurrency = z.object({ _id: z.string(), currency: CurrencyCode })
export type WalletCurrency = z.infer<typeof WalletCurrency>

/** Pieces of a product. What was received, as corrected, is on hand or written off. */
export const StockLevel = z.object({
  onHand: z.int().min(0),
  /** The part of it that waits for orders to be paid. */
  reserved: z.int().min(0),
  /** The rest of it. */
  available: z.int().min(0),
  received: z.int().min(0),
  /** By how much, in all, counting has changed what the books said. */
  corrected: z.int(),
  writtenOff: z.int().min(0),
})
export type StockLevel = z.infer<typeof StockLevel>

/** Collection `stock`; `_id` is the sku. */
export const StockView = z.object({
  _id: Sku,
  /** By name. */
  warehouses: z.array(StockLevel.extend({ warehouse: Warehouse })),
  total: StockLevel,
  /** Revision of the newest event that changed it. */
  revision: z.int(),
})
export type StockView = z.infer<typeof StockView>
export const StockDocument = StockView.extend(Seen.shape)
export type StockDocument = z.infer<typeof StockDocument>

/** Collection `carts`; `_id` is the user's id. */
export const CartView = z.object({
  _id: UserId,
  /** In the order in which they were first added; none in an empty cart. */
  items: z.array(CartItem),
  /** Revision of the newest event. */
  revision: z.int(),
})
export type CartView = z.infer<typeof CartView>
export const CartDocument = CartView.extend(Seen.shape)
export type CartDocument = z.infer<typeof CartDocument>

export const DeliveryStatus = z.enum(['WAITING', 'CLAIMED', 'DELIVERED', 'FAILED', 'UNKNOWN'])
export type DeliveryStatus = z.infer<typeof DeliveryStatus>

/** Collection `notifications`; `_id` is `<order id>:<revision of the order's event>:<audience>`. */
export const NotificationView = z.object({
  _id: z.string(),
  orderId: OrderId,
  orderRevision: z.int().min(0),
  audience: Audience,
  /** The customer; what the shop is told is in nobody's inbox. */
  userId: UserId.optional(),
  notice: Notice,
  /** When it happened. */
  at: At,
  /** Log position of what it began with: what lists are sorted by. */
  begunPosition: z.int(),
  /** Its way to a Telegram chat; absent where there was none to send it to. */
  delivery: z
    .object({
      status: DeliveryStatus,
      /** How often somebody was about to send it. */
      tries: z.int().min(0),
      /** Why not, or not yet. */
      reason: Delay.or(DeliveryFailure).optional(),
      at: At,
    })
    .optional(),
  /** When somebody has to look after its delivery; absent when nothing is left to do. */
  dueAt: At.optional(),
})
export type NotificationView = z.infer<typeof NotificationView>
export const NotificationDocument = NotificationView.extend(Seen.shape)
export type NotificationDocument = z.infer<typeof NotificationDocument>
