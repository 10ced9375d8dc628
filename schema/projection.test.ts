import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { foldables } from '../projections/all.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'projection-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  api = await startTestApi({ events: events.connectionString, documents: documents.connectionString })
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const admin = person()
const ask = (query: string) => api.ask(admin, query, {}, { 'x-user-role': 'ADMIN' })
const standing =
  '{ projections { name condition version lag { events orMore } stopped { type } lastBuild { outcome compared } } }'
const rebuild = (name: string, verify: boolean, key: string) => `mutation {
  rebuildProjection(input: { name: "${name}", verify: ${verify}, idempotencyKey: "${key}" }) {
    __typename ... on Projection { name } ... on Refusal { message }
  }
}`

describe('the read models', () => {
  it('are shown to admins as they stand', async () => {
    const { consistencyToken } = await api.place(person())
    const folded = () => api.ask(admin, '{ wallet { id } }', {}, { 'x-consistency-token': consistencyToken })
    await expect.poll(folded, { timeout: 10_000 }).toMatchObject({ data: { wallet: null } })
    await expect
      .poll(() => ask(standing), { timeout: 10_000 })
      .toMatchObject({
        data: {
          projections: foldables.map(({ name, version }) => ({
            name,
            condition: 'FOLDING',
            version,
            stopped: null,
            lastBuild: null,
            lag: { events: 0, orMore: false },
          })),
        },
      })
  })

  it('are built anew on an admin’s word, once for each key', async () => {
    const asked = { data: { rebuildProjection: { __typename: 'Projection', name: 'wallets' } } }
    expect(await ask(rebuild('wallets', true, 'again'))).toMatchObject(asked)
    const done = { name: 'wallets', condition: 'FOLDING', lastBuild: { outcome: 'SWITCHED', compared: 0 } }
    await expect
      .poll(() => ask(standing), { timeout: 10_000 })
      .toMatchObject({ data: { projections: foldables.map(({ name }) => (name === 'wallets' ? done : {})) } })
    expect(await ask(rebuild('wallets', true, 'again'))).toMatchObject(asked)
    expect(await ask(rebuild('wallets', false, 'again'))).toMatchObject({
      data: { rebuildProjection: { __typename: 'IdempotencyConflict' } },
    })
  })

  it('are known by name', async () => {
    expect(await ask(rebuild('invoices', false, 'x'))).toMatchObject({
      data: {
        rebuildProjection: {
          __typename: 'UnknownProjection',
          message: `There is no read model invoices; there are ${foldables.map(({ name }) => name).join(', ')}.`,
        },
      },
    })
  })

  it.each([standing, rebuild('orders', false, 'y')])('are nobody else’s business: %s', async (query) => {
    expect(await api.ask(person(), query)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  })
})
