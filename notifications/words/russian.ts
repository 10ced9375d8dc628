import type { Words } from './table.ts'

export const russian: Words = {
  toCustomer: {
    PAID: ({ price }) => `Ваш заказ на ${price} оплачен. Спасибо!`,
    FAILED: ({ price }) => `Ваш заказ на ${price} не удалось выполнить.`,
    CANCELLED: ({ price }) => `Ваш заказ на ${price} отменён.`,
    REFUNDED: ({ amount }) => `Вам возвращено ${amount}: деньги за заказ возвращены полностью.`,
    PARTLY_REFUNDED: ({ amount, price, refunded }) =>
      `По вашему заказу на ${price} возвращено ${amount}, всего ${refunded}.`,
  },
  toShop: {
    PLACED: ({ price }) => `Новый заказ на ${price}.`,
    PAID: ({ price }) => `Заказ на ${price} оплачен.`,
    FAILED: ({ price }) => `Заказ на ${price} не выполнен.`,
    CANCELLED: ({ price }) => `Заказ на ${price} отменён.`,
    REFUNDED: ({ amount }) => `Деньги за заказ возвращены полностью: ${amount}.`,
    PARTLY_REFUNDED: ({ amount, price, refunded }) =>
      `По заказу на ${price} возвращено ${amount}, всего ${refunded}.`,
  },
  reasons: {
    NO_WALLET: 'Не было кошелька, с которого его можно оплатить.',
    CURRENCY_MISMATCH: 'Кошелёк в другой валюте.',
    INSUFFICIENT_FUNDS: (shortBy) => `В кошельке не хватило ${shortBy}.`,
    OUT_OF_STOCK: (missing) =>
      `Не хватило товара: ${missing.map(({ sku, wanted, available }) => `${sku} (${available} из ${wanted})`).join(', ')}.`,
    CARD_DECLINED: 'Карта отклонена.',
    CARD_PAYMENT_CANCELLED: 'Оплата картой отменена.',
  },
  cancelledBy: {
    CUSTOMER: 'Отменил покупатель.',
    ADMIN: 'Отменил магазин.',
    DEADLINE: 'Он не был оплачен вовремя.',
  },
  orderNumber: (id) => `Заказ ${id}`,
  bot: {
    welcome:
      'Этот бот сообщает, что происходит с вашими заказами. Чтобы подключить этот чат, откройте ссылку со страницы магазина. /stop — отключить.',
    linked: 'Чат подключён: здесь вы узнаете, что происходит с вашими заказами. /stop — отключить.',
    badCode: 'Эта ссылка больше не действует. Получите новую на странице магазина.',
    unlinked: 'Чат отключён.',
    wasNotLinked: 'Этот чат не подключён.',
    chatNumber: (id) => `Номер этого чата: ${id}`,
  },
}
