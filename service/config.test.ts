import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  BadConfiguration,
  cardSettings,
  catalogueSettings,
  parseConfig,
  processSettings,
  settings,
  telegramSettings,
} from './config.ts'

const all = z.object({
  ...processSettings,
  ...settings,
  ...catalogueSettings,
  ...cardSettings,
  ...telegramSettings,
})

const mistakesOf = (env: Record<string, string>): readonly string[] => {
  try {
    parseConfig(all, env)
    return []
  } catch (fault) {
    if (fault instanceof BadConfiguration) return fault.mistakes
    throw fault
  }
}

test('an empty environment has every default', () => {
  expect(parseConfig(all, {})).toEqual({
    HOST: '127.0.0.1',
    LOG_LEVEL: 'info',
    EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
    MONGODB_URL: 'mongodb://127.0.0.1:27017',
    MONGODB_DATABASE: 'counterfoil',
    ORDER_PAYMENT_TIMEOUT: 600_000,
    API_PORT: 4000,
    ORDERS_PORT: 8080,
    PAYMENTS_PORT: 8081,
    PROJECTIONS_PORT: 8082,
    NOTIFICATIONS_PORT: 8083,
    DEFAULT_CURRENCY: 'EUR',
    RATE_LIMIT_PER_SECOND: 5_000,
    PRODUCT_SERVICE_TIMEOUT: 1_000,
    PRODUCT_SERVICE_DEADLINE: 3_000,
    PRODUCT_SERVICE_RATE_LIMIT: 50,
    PRODUCT_SERVICE_FRESH_FOR: 5_000,
    PRODUCT_SERVICE_STALE_FOR: 300_000,
    STRIPE_API_ROOT: 'https://api.stripe.com',
    TELEGRAM_API_ROOT: 'https://api.telegram.org',
    TELEGRAM_TIMEOUT: 8_000,
  })
})

test('an empty variable counts as unset, an unknown one is nobody else’s business', () => {
  expect(parseConfig(all, { API_PORT: '', HOME: '/root' }).API_PORT).toBe(4000)
})

test.each([
  ['90', 90_000],
  ['90s', 90_000],
  ['250ms', 250],
  ['10m', 600_000],
  ['2h', 7_200_000],
])('a duration of %s is %d ms', (text, ms) => {
  expect(parseConfig(all, { ORDER_PAYMENT_TIMEOUT: text }).ORDER_PAYMENT_TIMEOUT).toBe(ms)
})

test.each([
  ['EVENTSTORE_URL', 'http://127.0.0.1:2113'],
  ['EVENTSTORE_URL', 'esdb://'],
  ['MONGODB_URL', '127.0.0.1:27017'],
  ['MONGODB_DATABASE', 'a.b'],
  ['LOG_LEVEL', 'loud'],
  ['ORDER_PAYMENT_TIMEOUT', '10 minutes'],
  ['ORDER_PAYMENT_TIMEOUT', '0'],
  ['ORDER_PAYMENT_TIMEOUT', '-1s'],
  ['API_PORT', '65536'],
  ['API_PORT', '4000x'],
  ['API_PORT', '-1'],
  ['TRUSTED_PROXIES', 'proxy.example'],
  ['TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TRUSTED_PROXIES', '10.0.0.1/8/8'],
  ['PRODUCT_SERVICE_URL', 'products.example'],
  ['PRODUCT_SERVICE_URL', 'ftp://products.example'],
  ['PRODUCT_SERVICE_URL', 'http://:'],
  ['PRODUCT_SERVICE_URL', 'https://me:secret@products.example'],
  ['PRODUCT_SERVICE_URL', 'https://products.example/?shop=1'],
  ['PRODUCT_SERVICE_URL', 'https://products.example/#top'],
  ['PRODUCT_SERVICE_TIMEOUT', '61s'],
  ['PRODUCT_SERVICE_DEADLINE', '1h'],
  ['PRODUCT_SERVICE_RATE_LIMIT', '0'],
  ['PRODUCT_SERVICE_RATE_LIMIT', '10001'],
  ['PRODUCT_SERVICE_RATE_LIMIT', '2.5'],
  ['STRIPE_SECRET_KEY', 'pk_test_abc'],
  ['STRIPE_WEBHOOK_SECRET', 'secret'],
  ['STRIPE_API_ROOT', 'api.stripe.com'],
  ['TELEGRAM_BOT_TOKEN', 'a token'],
  ['TELEGRAM_SHOP_CHAT', 'the shop'],
])('%s=%s is a mistake', (name, value) => {
  expect(mistakesOf({ [name]: value })).toEqual([expect.stringMatching(new RegExp(`^${name}: `))])
})

test('proxies are addresses and networks', () => {
  const TRUSTED_PROXIES = '10.0.0.7, 192.168.0.0/16,fd00::/8'
  expect(parseConfig(all, { TRUSTED_PROXIES }).TRUSTED_PROXIES).toEqual([
    '10.0.0.7',
    '192.168.0.0/16',
    'fd00::/8',
  ])
})

test('every mistake is named at once', () => {
  const mistakes = mistakesOf({
    LOG_LEVEL: 'loud',
    API_PORT: 'x',
    MONGODB_URL: 'y',
    ORDER_PAYMENT_TIMEOUT: 'z',
  })
  expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
    'LOG_LEVEL',
    'MONGODB_URL',
    'ORDER_PAYMENT_TIMEOUT',
    'API_PORT',
  ])
})
