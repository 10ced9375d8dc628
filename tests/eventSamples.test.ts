import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Catalogue } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import { notificationEvents } from '../notifications/events.ts'
import { cartEvents } from '../orders/cart/events.ts'
import { orderEvents } from '../orders/events.ts'
import { stockEvents } from '../orders/stock/events.ts'
import { paymentEvents, walletEvents } from '../payments/events.ts'
import { topUpEvents } from '../payments/topUp/events.ts'
import { userEvents } from '../people/events.ts'
import { projectionEvents } from '../projections/events.ts'

// A sample of each version of each event that was ever written is kept for ever, and must be readable for ever.
const published: Readonly<Record<string, Catalogue>> = {
  orders: orderEvents,
  'orders/stock': stockEvents,
  'orders/cart': cartEvents,
  payments: { ...walletEvents, ...paymentEvents },
  'payments/topUp': topUpEvents,
  people: userEvents,
  notifications: notificationEvents,
  projections: projectionEvents,
}

const Sample = z.object({
  type: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  data: z.record(z.string(), z.unknown()),
})

const samplesOf = (service: string) => new URL(`../${service}/samples/`, import.meta.url)

/** The name of a sample: `<type>.v<version>.json`, or `<type>.v<version>.<shape>.json` where one version has several. */
const SAMPLE = /^(?<name>\w+\.v\d+)(?:\.[\w-]+)?\.json$/
const nameOf = (file: string): string => SAMPLE.exec(file)?.groups?.['name'] ?? file

describe.each(Object.entries(published))('events of %s', (service, catalogue) => {
  const files = readdirSync(samplesOf(service))

  it.each(files)('%s can be read', async (name) => {
    const file = await readFile(new URL(name, samplesOf(service)), 'utf8')
    const { type, metadata, data } = Sample.parse(JSON.parse(file))
    expect(nameOf(name)).toBe(`${type}.v${String(metadata['schema'])}`)
    const decoded = codecOf(catalogue).decode({
      event: {
        type,
        metadata,
        data,
        id: 'd0000000-0000-4000-8000-000000000002',
        streamId: 'sample-1',
        revision: 0n,
        isJson: true,
        created: new Date(0),
      },
    })
    expect(decoded.type).toBe(type)
  })

  it('every version of every event has a sample, and there is none of another', () => {
    const versions = Object.entries(catalogue).flatMap(([type, { version }]) =>
      Array.from({ length: version }, (_, older) => `${type}.v${older + 1}`),
    )
    expect(new Set(files.map(nameOf))).toEqual(new Set(versions))
  })
})
