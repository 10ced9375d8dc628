import { buildSchema, isEnumType } from 'graphql'
import { readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { eur } from '../../domain/controls.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { orderEvents } from '../../orders/events.ts'
import { paymentEvents } from '../../payments/events.ts'
import { typeDefs } from '../typeDefs.ts'
import { verdicts, wordsFor } from './words.ts'

const catalogue = { ...orderEvents, ...paymentEvents, ...verdicts }
const codec = codecOf(catalogue)
const Sample = z.object({
  type: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  data: z.record(z.string(), z.unknown()),
})

/** A sample of each event that a history may tell of. */
const samples = async () => {
  const files = ['orders', 'payments'].map(async (service) => {
    const folder = new URL(`../../${service}/samples/`, import.meta.url)
    const names = (await readdir(folder)).filter((name) => name.slice(0, name.indexOf('.')) in catalogue)
    return Promise.all(names.map(async (name) => readFile(new URL(name, folder), 'utf8')))
  })
  return (await Promise.all(files)).flat().map((text) => {
    const { type, metadata, data } = Sample.parse(JSON.parse(text))
    const place = {
      id: type,
      streamId: 'sample-1',
      revision: 0n,
      isJson: true,
      created: new Date(0),
    } as const
    return codec.decode({ event: { type, metadata, data, ...place } })
  })
}

it('whatever happens to an order has a kind that clients may be told', async () => {
  const kinds = buildSchema(typeDefs.join('\n')).getType('OrderEventKind')
  if (!isEnumType(kinds)) throw new Error('no such enum')
  const told = (await samples()).map((event) => wordsFor(event, eur(1)).kind)
  expect(new Set(told)).toEqual(new Set(kinds.getValues().map(({ name }) => name)))
})
