import type { Words } from './table.ts'

export const english: Words = {
  toCustomer: {
    PAID: ({ price }) => `Your order for ${price} is paid. Thank you!`,
    FAILED: ({ price }) => `Your order for ${price} could not be completed.`,
    CANCELLED: ({ price }) => `Your order for ${price} was cancelled.`,
    REFUNDED: ({ amount }) => `${amount} was given back to you; your order is refunded in full.`,
    PARTLY_REFUNDED: ({ amount, price, refunded }) =>
      `${amount} of your order for ${price} was given back to you: ${refunded} so far.`,
  },
  toShop: {
    PLACED: ({ price }) => `New order for ${price}.`,
    PAID: ({ price }) => `Order for ${price} is paid.`,
    FAILED: ({ price }) => `Order for ${price} failed.`,
    CANCELLED: ({ price }) => `Order for ${price} was cancelled.`,
    REFUNDED: ({ amount }) => `Order refunded in full: ${amount} was given back.`,
    PARTLY_REFUNDED: ({ amount, price, refunded }) =>
      `${amount} of an order for ${price} was given back: ${refunded} so far.`,
  },
  reasons: {
    NO_WALLET: 'There was no wallet to pay it from.',
    CURRENCY_MISMATCH: 'The wallet is in another currency.',
    INSUFFICIENT_FUNDS: (shortBy) => `The wallet was short by ${shortBy}.`,
    OUT_OF_STOCK: (missing) =>
      `Not enough was in stock: ${missing.map(({ sku, wanted, available }) => `${sku} (${available} of ${wanted})`).join(', ')}.`,
    CARD_DECLINED: 'The card was declined.',
    CARD_PAYMENT_CANCELLED: 'The payment by card was cancelled.',
  },
  cancelledBy: {
    CUSTOMER: 'The customer cancelled it.',
    ADMIN: 'The shop cancelled it.',
    DEADLINE: 'It was not paid in time.',
  },
  orderNumber: (id) => `Order ${id}`,
  bot: {
    welcome:
      'This bot tells you what becomes of your orders. To link this chat, open the link that the shop’s page gives you. /stop ends it.',
    linked: 'This chat is linked: you will hear here what becomes of your orders. /stop ends it.',
    badCode: 'This link is no longer valid. Please ask the shop’s page for a new one.',
    unlinked: 'This chat is no longer linked.',
    wasNotLinked: 'This chat is not linked.',
    chatNumber: (id) => `The number of this chat is ${id}`,
  },
}
