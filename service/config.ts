import { isIP } from 'node:net'
import { z } from 'zod'
import { CurrencyCode } from '../domain/money.ts'

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** A length of time, in milliseconds: `90` or `90s` for seconds, `250ms`, `10m`, `1h`. */
const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h)?$/, 'must be seconds, or a duration such as 250ms, 90s, 10m or 1h')
  .transform((text) => Number.parseInt(text, 10) * (units[text.replace(/^\d+/, '') || 's'] ?? 1))
  .refine((ms) => ms >= 1 && Number.isSafeInteger(ms), 'must be at least 1 ms')

/** A TCP port; 0 takes any free one. */
const port = z
  .string()
  .regex(/^\d+$/, 'must be a port number, 0 to 65535')
  .transform(Number)
  .refine((number) => number <= 65_535, 'must be a port number, 0 to 65535')

const urlOf = (...schemes: readonly string[]) =>
  z
    .string()
    .refine(
      (url) => schemes.some((scheme) => url.startsWith(scheme) && url.length > scheme.length),
      `must be a URL that begins with ${schemes.join(' or ')}`,
    )

/** Where a service over HTTP is; paths are put behind it. */
const httpUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false
  return !url.username && !url.password && !url.search && !url.hash
}, 'must be an http:// or https:// URL without user, query and fragment')

const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/')
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return (
    more.length === 0 && most > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  )
}

/** Addresses and networks, such as `10.0.0.7, 192.168.0.0/16`. */
const networks = z
  .string()
  .transform((text) => text.split(',').map((each) => each.trim()))
  .refine((each) => each.every(isNetwork), 'must be addresses or networks such as 10.0.0.7,192.168.0.0/16')

/** How long somebody may be kept waiting, in milliseconds. */
const patience = duration.refine((ms) => ms <= 60_000, 'must be at most 1m')

/** Requests in each second. */
const rate = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a number of requests a second, 1 to 10000')
  .transform(Number)
  .refine((number) => number >= 1 && number <= 10_000, 'must be a number of requests a second, 1 to 10000')

/** Every setting that more than one service reads, by the name of its environment variable. */
export const settings = {
  HOST: z.string().default('127.0.0.1'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  EVENTSTORE_URL: urlOf('esdb://', 'esdb+discover://').default('esdb://127.0.0.1:2113?tls=false'),
  MONGODB_URL: urlOf('mongodb://', 'mongodb+srv://').default('mongodb://127.0.0.1:27017'),
  MONGODB_DATABASE: z
    .string()
    .regex(/^[\w-]{1,63}$/, 'must be 1 to 63 letters, digits, _ or -')
    .default('counterfoil'),
  ORDER_PAYMENT_TIMEOUT: duration.default(600_000),
  API_PORT: port.default(4000),
  /** Commands of each user in a second, in each process; 0 for no limit. */
  RATE_LIMIT_PER_SECOND: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a number of mutations a second for each user; 0 for no limit')
    .default('5000')
    .transform(Number),
  /** Of amounts that name none, over plain HTTP. */
  DEFAULT_CURRENCY: CurrencyCode.default('EUR'),
  ORDERS_PORT: port.default(8080),
  PAYMENTS_PORT: port.default(8081),
  PROJECTIONS_PORT: port.default(8082),
  NOTIFICATIONS_PORT: port.default(8083),
} as const

/** Where products come from (docs/product-service.md); from the built-in catalogue without a URL. */
export const catalogueSettings = {
  PRODUCT_SERVICE_URL: httpUrl.optional(),
  PRODUCT_SERVICE_TIMEOUT: patience.default(1_000),
  PRODUCT_SERVICE_DEADLINE: patience.default(3_000),
  PRODUCT_SERVICE_RATE_LIMIT: rate.default(50),
  PRODUCT_SERVICE_FRESH_FOR: duration.default(5_000),
  PRODUCT_SERVICE_STALE_FOR: duration.default(300_000),
} as const

/** The card processor (Stripe). It can do nothing without a key; without the secret, no webhook is believed. */
export const cardSettings = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must be a secret key: sk_test_… or sk_live_… (or rk_…)')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'must be the signing secret of a webhook: whsec_…')
    .optional(),
  STRIPE_API_ROOT: httpUrl.default('https://api.stripe.com'),
} as const

/** Messages by Telegram; without a token there are none. */
export const telegramSettings = {
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]+$/, 'must be a token as BotFather gives it: 123456:ABC…')
    .optional(),
  TELEGRAM_API_ROOT: httpUrl.default('https://api.telegram.org').transform((url) => url.replace(/\/+$/, '')),
  /** Where the shop is told of all orders. */
  TELEGRAM_SHOP_CHAT: z
    .string()
    .regex(/^(-?\d{1,18}|@\w{4,})$/, 'must be the number of a chat, such as -1001234567890, or a @channel')
    .optional(),
  /** For one request. */
  TELEGRAM_TIMEOUT: patience.default(8_000),
} as const

/** Who is asking (access/): every service that people talk to reads these. */
export const accessSettings = {
  /** `header`: a gateway in front of us says who it is. `jwt`: access tokens that we issue. */
  AUTH_MODE: z.enum(['header', 'jwt'], 'must be header or jwt').default('header'),
  /** Where people reach the API: it issues the tokens, and its pages may use cookies. Its own address if not set. */
  PUBLIC_URL: httpUrl.optional(),
  /** Where the keys of tokens are published; below PUBLIC_URL if not set. */
  AUTH_JWKS_URL: httpUrl.optional(),
  API_PORT: settings.API_PORT,
} as const

export interface AccessSettings extends ProcessSettings {
  readonly AUTH_MODE: 'header' | 'jwt'
  readonly PUBLIC_URL?: string | undefined
  readonly AUTH_JWKS_URL?: string | undefined
  readonly API_PORT: number
}

/** Where people reach the API, without a slash at its end. */
export const publicUrlOf = ({
  PUBLIC_URL,
  HOST,
  API_PORT,
}: Pick<AccessSettings, 'PUBLIC_URL' | 'HOST' | 'API_PORT'>): string => {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST.includes(':') ? `[${HOST}]` : HOST
  return (PUBLIC_URL ?? `http://${host}:${API_PORT}`).replace(/\/+$/, '')
}

/** What every service process reads; spread it into the service's own `z.object({ … })`. */
export const processSettings = {
  HOST: settings.HOST,
  LOG_LEVEL: settings.LOG_LEVEL,
  /** Proxies in front of us, whose word counts for the address that a request comes from (`X-Forwarded-For`). */
  TRUSTED_PROXIES: networks.optional(),
}

export interface ProcessSettings {
  readonly HOST: string
  readonly LOG_LEVEL: string
  readonly TRUSTED_PROXIES?: readonly string[] | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/** The environment does not make sense; `mistakes` names all that is wrong with it. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(['The configuration has mistakes:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
    this.mistakes = mistakes
  }
}

/** Reads settings from an environment; an empty variable counts as unset. Throws `BadConfiguration`. */
export const parseConfig = <S>(schema: z.ZodType<S>, env: Environment): S => {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new BadConfiguration(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`))
}
