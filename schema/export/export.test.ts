import { NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { minutesAfterNoon, orderId } from '../../domain/controls.ts'
import type { TopUpId } from '../../domain/ids.ts'
import type { UserId } from '../../domain/ids.ts'
import { EventStoreDBNode } from '../../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../../embedded/mongodb/node.ts'
import { begin } from '../../eventstore/metadata.ts'
import { topUpId } from '../../payments/controls.ts'
import type { WalletEvent } from '../../payments/events.ts'
import { wallet } from '../../payments/wallet.ts'
import { person, startTestApi } from '../apiUnderTest.ts'
import type { TestApi } from '../apiUnderTest.ts'
import { tokenOf } from '../../service/opaque.ts'

const ENTRIES = 1_203

let stop: () => Promise<unknown>
let api: TestApi
let servers: { events: string; documents: string; database: string }
/** Has a deposit of 2 a minute from noon on, the first ever by card, and every third time pays 1 for an order instead. */
const ann = person()
const minute = (n: number) => minutesAfterNoon(n).toISOString()
const movement = (n: number) =>
  n % 3 === 2
    ? { kind: 'DEBIT', amount: 1, orderId: orderId(n), topUpId: null }
    : { kind: 'DEPOSIT', amount: 2, orderId: null, topUpId: n === 0 ? topUpId(n) : null }
let balance = 0
const expected = Array.from({ length: ENTRIES }, (_, n) => {
  const { kind, amount, ...by } = movement(n)
  balance += kind === 'DEBIT' ? -amount : amount
  return { id: `${ann}:${n + 1}`, at: minute(n), kind, amount, balance, currency: 'EUR', ...by }
})
const wide = { from: minute(100), to: minute(1_100) }
let head = ''

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  servers = { events: events.connectionString, documents: documents.connectionString, database: 'exports' }
  api = await startTestApi(servers)
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
  const request = { idempotencyKey: 'key', fingerprint: 'input' }
  const by = (topUpId: TopUpId | null, paidAt: string) => (topUpId ? { topUp: { topUpId, paidAt } } : {})
  const happened: readonly (readonly [WalletEvent, string])[] = [
    [{ type: 'WalletOpened', data: { ownerId: ann, currency: 'EUR', ...request } }, minute(0)],
    ...expected.map(({ amount, balance, at, topUpId }, n): readonly [WalletEvent, string] => {
      const data = { ownerId: ann, amount, balance }
      return n % 3 === 2
        ? [{ type: 'FundsDebited', data: { ...data, orderId: orderId(n), placedAt: at } }, at]
        : [{ type: 'FundsDeposited', data: { ...data, ...request, ...by(topUpId, at) } }, at]
    }),
  ]
  const cause = begin(randomUUID(), ann)
  const encoded = happened.map(([event, at]) => wallet.codec.encode(event, randomUUID(), new Date(at), cause))
  const { position } = await api.client.appendToStream(`wallet-${ann}`, encoded, {
    expectedRevision: NO_STREAM,
  })
  head = tokenOf(position?.commit ?? 0n)
  await api.caughtUp(head)
})
afterAll(() => stop())

const download = (query = '', user: string = ann, headers: Readonly<Record<string, string>> = {}) =>
  api.download(`/export/ledger${query}`, { 'x-user-id': user, 'x-consistency-token': head, ...headers })
const asAdmin = { 'x-user-role': 'ADMIN' }

const HEADER = 'id,at,kind,amount,balance,currency,orderId,topUpId'
const csvOf = (entries: typeof expected) =>
  [
    HEADER,
    ...entries.map(({ id, at, kind, amount, balance, currency, orderId, topUpId }) =>
      [id, at, kind, amount, balance, currency, orderId, topUpId].join(','),
    ),
    '',
  ].join('\r\n')
const jsonlOf = (entries: typeof expected) => entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')

describe('a ledger is exported', () => {
  it('as CSV, every entry as the stream has it, oldest first', async () => {
    const response = await download()
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="ledger.csv"')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toBe(csvOf(expected))
  })

  it('as JSON lines', async () => {
    const response = await download('?format=jsonl')
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="ledger.jsonl"')
    expect(await response.text()).toBe(jsonlOf(expected))
  })

  it('for a period: from a moment on, and before another one', async () => {
    const response = await download(`?from=${wide.from}&to=${wide.to}&format=jsonl`)
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="ledger-from-20260102T134000000Z-to-20260103T062000000Z.jsonl"',
    )
    expect(await response.text()).toBe(jsonlOf(expected.slice(100, 1_100)))
  })

  it('for days, which begin in UTC', async () => {
    const response = await download('?from=2026-01-03&to=2026-01-04&format=jsonl')
    expect(await response.text()).toBe(jsonlOf(expected.slice(720)))
  })

  it('without entries, as a header alone', async () => {
    expect(await (await download('?from=2027-01-01')).text()).toBe(`${HEADER}\r\n`)
    const response = await download('?from=2027-01-01&format=jsonl')
    expect([response.status, await response.text()]).toEqual([200, ''])
  })

  it('for admins, whosever it is', async () => {
    const response = await download(`?user=${ann.toUpperCase()}`, person(), asAdmin)
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="ledger-${ann}.csv"`)
    expect(await response.text()).toBe(csvOf(expected))
  })

  it('for its owner by name', async () =>
    expect(await (await download(`?user=${ann}`)).text()).toBe(csvOf(expected)))
})

const Problem = z.object({ type: z.string(), title: z.string(), status: z.int(), detail: z.string() })
const problemOf = async (response: Response) => {
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  const problem = Problem.parse(await response.json())
  expect(problem.status).toBe(response.status)
  return problem
}

describe('what is refused is a problem document', () => {
  it.each<[string, string, Readonly<Record<string, string>>, number, RegExp]>([
    ['nobody', '', { 'x-user-id': '' }, 401, /X-User-ID/],
    ['a user that is no UUID', '', { 'x-user-id': 'ann' }, 401, /UUID/],
    ['a role that is none', '', { 'x-user-role': 'KING' }, 401, /X-User-Role/],
    ['a user to export that is no UUID', '?user=ann', {}, 400, /^user:/],
    ['two users to export', `?user=${ann}&user=${ann}`, {}, 400, /^user:/],
    ['an unknown format', '?format=xlsx', {}, 400, /^format:/],
    ['no moment', '?from=yesterday', {}, 400, /^from: must be ISO 8601/],
    ['an empty moment', '?to=', {}, 400, /^to: must be ISO 8601/],
    ['a moment without a time zone', '?from=2026-01-02T12:00:00', {}, 400, /^from: must be ISO 8601/],
    ['a day that is none', '?from=2026-02-30', {}, 400, /^from:/],
    ['a period that ends before it begins', '?from=2026-01-03&to=2026-01-02', {}, 400, /^to:.*later/],
    ['a period that is no time', '?from=2026-01-03&to=2026-01-03', {}, 400, /^to:.*later/],
    ['an unknown parameter', '?form=2026-01-03', {}, 400, /form/],
    ['a token of nobody', '', { 'x-consistency-token': 'x' }, 400, /token/],
    ['a token that is far ahead', '', { 'x-consistency-token': tokenOf(10n ** 15n) }, 503, /try again/],
  ])('%s', async (_, query, headers, status, says) => {
    const response = await download(query, ann, headers)
    expect(response.status).toBe(status)
    expect((await problemOf(response)).detail).toMatch(says)
    expect(response.headers.get('content-disposition')).toBeNull()
  })

  it('a ledger of somebody else, exactly as one that does not exist', async () => {
    const answers = [
      await download(`?user=${ann}`, person()),
      await download(`?user=${randomUUID()}`, person()),
      await download('', person()),
      await download(`?user=${randomUUID()}`, person(), asAdmin),
    ]
    for (const answer of answers)
      expect(await problemOf(answer)).toEqual({
        type: 'about:blank',
        title: 'Not Found',
        status: 404,
        detail: 'There is no such wallet.',
      })
  })

  it('and carries the id of its request, like every answer', async () => {
    const id = randomUUID()
    const good = await download('?from=2027-01-01', ann, { 'x-request-id': id })
    expect(good.headers.get('x-request-id')).toBe(id)
    const bad = await download('?from=x', ann, { 'x-request-id': id })
    expect(bad.headers.get('x-request-id')).toBe(id)
    expect((await download('?from=x')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })
})

/** A document as the store takes it: anything. */
interface Raw {
  readonly _id: string
  readonly [field: string]: unknown
}

describe('what goes wrong', () => {
  /** A ledger of many entries, one of which is not what it should be. */
  const withBrokenEntry = async (entries: number, broken: number): Promise<UserId> => {
    const owner = person()
    const mongo = new MongoClient(servers.documents)
    const db = mongo.db(servers.database)
    const wallet = {
      balance: { amount: 1, currency: 'EUR' },
      openedAt: minute(0),
      openedPosition: 1,
      revision: 0,
    }
    await db.collection<Raw>('wallets').insertOne({ _id: owner, ...wallet, seen: { wallet: 0 }, position: 1 })
    await db.collection<Raw>('ledger').insertMany(
      Array.from({ length: entries }, (_, revision) => ({
        _id: `${owner}:${revision}`,
        ownerId: owner,
        revision,
        kind: 'DEPOSIT',
        amount: revision === broken ? 'a lot' : 1,
        balance: 1,
        at: minute(0),
        seen: { wallet: revision },
        position: revision,
      })),
    )
    await mongo.close()
    return owner
  }

  it('at first is a problem of ours', async () => {
    const response = await download('', await withBrokenEntry(3, 1))
    expect(response.status).toBe(500)
    expect((await problemOf(response)).detail).toBe('Something went wrong on our side.')
  })

  it('in the middle breaks the answer off, so that nobody takes it for the whole', async () => {
    const response = await download('', await withBrokenEntry(1_200, 1_100))
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })

  it('an instance that stops cuts off who does not read, and does not wait for them', async () => {
    // More than the kernel takes for a reader that doesn't.
    const owner = await withBrokenEntry(60_000, -1)
    const stopping = await startTestApi({ ...servers, projecting: false })
    const { hostname, port } = new URL(stopping.url)
    const reader = connect(Number(port), hostname)
    reader.write(
      `GET /export/ledger?format=jsonl HTTP/1.1\r\nHost: ${hostname}\r\nX-User-ID: ${owner}\r\n\r\n`,
    )
    await once(reader, 'readable')
    await stopping.stop()
    const taken: Buffer[] = []
    reader.on('data', (chunk: Buffer) => taken.push(chunk)).on('error', () => undefined)
    await once(reader, 'close')
    const text = Buffer.concat(taken).toString()
    expect(text).toMatch(/^HTTP\/1.1 200 OK/)
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(text).not.toContain(`${owner}:59999`)
  })
})
