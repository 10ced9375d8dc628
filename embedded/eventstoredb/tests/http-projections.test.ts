import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { EventStoreDBNode } from '../node.ts'
import { detailOf, requestsTo, type Requests } from './http-requests.ts'
import { connect, newStream, noted, until } from './server.ts'

let node: EventStoreDBNode
let request: Requests
beforeAll(async () => {
  node = await EventStoreDBNode.start({ projections: true })
  request = requestsTo({ url: node.connectionString })
})
afterAll(() => node.stop())

const info = z.looseObject({ name: z.string(), status: z.string(), statusUrl: z.string(), mode: z.string() })
const list = z.object({ projections: z.array(info) })

const listed = async (mode: string) =>
  list.parse(await (await request('GET', `/projections/${mode}`)).json()).projections

const command = async (name: string, what: string): Promise<number> =>
  (await request('POST', `/projection/${encodeURIComponent(name)}/command/${what}`)).status

const statusOf = async (name: string): Promise<string> => {
  const response = await request('GET', `/projection/${encodeURIComponent(name)}`)
  return info.parse(await response.json()).status
}

const system = ['$by_category', '$by_correlation_id', '$by_event_type', '$stream_by_category', '$streams']

describe('projections', () => {
  it('are listed by their mode', async () => {
    for (const mode of ['any', 'all-non-transient', 'continuous']) {
      expect((await listed(mode)).map(({ name }) => name).toSorted()).toEqual(system)
    }
    for (const mode of ['onetime', 'transient']) expect(await listed(mode)).toEqual([])
  })

  it('are found by the addresses that the list gives out', async () => {
    const [first] = await listed('any')
    if (first === undefined) throw new Error('There are projections.')
    expect(info.parse(await (await request('GET', first.statusUrl)).json()).name).toBe(first.name)
    const statistics = await request('GET', `${first.statusUrl}/statistics`)
    expect(list.parse(await statistics.json()).projections.map(({ name }) => name)).toEqual([first.name])
  })

  it('are stopped and started, for gRPC clients too', async () => {
    const client = connect(node.connectionString)
    expect(await command('$streams', 'disable')).toBe(200)
    expect(await statusOf('$streams')).toBe('Stopped')
    expect((await client.getProjectionStatus('$streams')).projectionStatus).toBe('Stopped')
    expect(await command('$streams', 'enable')).toBe(200)
    expect(await statusOf('$streams')).toBe('Running')
    void client.dispose()
  })

  it('show what they have made as feeds', async () => {
    const client = connect(node.connectionString)
    const category = newStream('category').replaceAll('-', '')
    await client.appendToStream(`${category}-1`, noted('a'))
    const feed = `/streams/${encodeURIComponent(`$ce-${category}`)}?embed=body`
    await until(async () => (await request('GET', feed)).status === 200, 'the category is there')
    expect(await (await request('GET', feed)).json()).toMatchObject({
      entries: [{ streamId: `${category}-1`, data: '{"note":"a"}', positionStreamId: `$ce-${category}` }],
    })
    const streams: unknown = await (await request('GET', '/streams/$streams/head/50?embed=rich')).json()
    expect(JSON.stringify(streams)).toContain(`${category}-1`)
    void client.dispose()
  })

  it('are configured by their query', async () => {
    const at = '/projection/%24by_category/query'
    const put = (body: string) => request('PUT', at, { body })
    expect(await (await request('GET', at)).text()).toBe('first\r\n-')
    expect((await put('last\n-')).status).toBe(200)
    const config: unknown = await (await request('GET', `${at}?config=yes`)).json()
    expect(config).toMatchObject({ name: '$by_category', query: 'last\n-' })
    const refused = await put('sideways')
    expect([refused.status, await detailOf(refused)]).toEqual([400, expect.stringContaining('$by_category')])
  })

  it('have no state of their own', async () => {
    for (const what of ['state', 'result']) {
      expect(await (await request('GET', `/projection/%24streams/${what}`)).json()).toEqual({})
    }
  })

  it.each([
    ['GET', '/projection/mine', 404, /no projection 'mine'/u],
    ['POST', '/projection/mine/command/enable', 404, /no projection 'mine'/u],
    ['DELETE', '/projection/%24streams', 400, /can not be deleted/u],
    ['POST', '/projections/continuous?name=mine', 501, /no JavaScript/u],
  ])('answer %s %s with %s and say why', async (method, url, status, words) => {
    const response = await request(method, url)
    expect([response.status, await detailOf(response)]).toEqual([status, expect.stringMatching(words)])
  })
})

it('a node without projections knows no paths of theirs', async () => {
  const without = await EventStoreDBNode.start({ projections: false })
  const own = requestsTo({ url: without.connectionString })
  expect((await own('GET', '/projections/any')).status).toBe(404)
  await without.stop()
})
