import { builtInCatalogue } from './builtIn/catalogue.ts'
import type { Catalogue } from './product.ts'
import { productService } from './service/client.ts'
import type { ProductServiceObserver } from './service/observer.ts'

export interface CatalogueSettings {
  readonly PRODUCT_SERVICE_URL?: string | undefined
  readonly PRODUCT_SERVICE_TIMEOUT: number
  readonly PRODUCT_SERVICE_DEADLINE: number
  readonly PRODUCT_SERVICE_RATE_LIMIT: number
  readonly PRODUCT_SERVICE_FRESH_FOR: number
  readonly PRODUCT_SERVICE_STALE_FOR: number
}

type Say = (facts: Readonly<Record<string, unknown>>, message: string) => void

/** The part of a logger that is needed. */
export interface CatalogueLog {
  readonly debug: Say
  readonly info: Say
  readonly warn: Say
}

/** The parts of a service process that a catalogue needs. */
export interface CatalogueHost {
  readonly settings: CatalogueSettings
  readonly log: CatalogueLog
  readonly now: () => Date
  readonly closing: (name: string, close: () => Promise<unknown>) => void
}

/** The service's catalogue: of the product service where one is set, closed at the end; else the built-in one. */
export const catalogueFor = ({ settings, log, now, closing }: CatalogueHost): Catalogue => {
  const { PRODUCT_SERVICE_URL: url } = settings
  if (url === undefined) {
    log.info({}, 'catalogue: the built-in products')
    return builtInCatalogue()
  }
  const { close, ...catalogue } = productService({
    url,
    timeout: settings.PRODUCT_SERVICE_TIMEOUT,
    deadline: settings.PRODUCT_SERVICE_DEADLINE,
    perSecond: settings.PRODUCT_SERVICE_RATE_LIMIT,
    freshFor: settings.PRODUCT_SERVICE_FRESH_FOR,
    usableFor: settings.PRODUCT_SERVICE_STALE_FOR,
    observer: reportingTo(log),
    now,
  })
  closing('product service', close)
  log.info({ url }, 'catalogue: the product service')
  return catalogue
}

/** An outage is said once, not at each of its questions, and so is its end. */
const reportingTo = (log: CatalogueLog): ProductServiceObserver => {
  let isOut = false
  return {
    answered: () => {
      if (isOut) log.info({}, 'the product service answers again')
      isOut = false
    },
    failed: (fault) => {
      log[isOut ? 'debug' : 'warn']({ err: fault }, 'the product service does not answer')
      isOut = true
    },
    unreadable: (products) =>
      log.warn(
        { skus: products.map(({ sku }) => sku), err: products[0]?.why },
        'products whose data make no sense are left out',
      ),
  }
}
