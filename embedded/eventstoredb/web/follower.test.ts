import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'

import { afterEach, expect, it, vi } from 'vitest'

import { Follower, type Pace, type Step } from './follower.ts'

const pace: Pace = { betweenStepsMs: 1, beatMs: 1_000_000, patienceMs: 1_000_000 }
const nothing: Step = { messages: [], more: false }
const row = (data: string): Step => ({ messages: [{ event: 'row', data, id: 1 }], more: false })

const reports: string[] = []
const ends: (() => void)[] = []
afterEach(() => {
  reports.length = 0
  for (const end of ends.splice(0)) end()
})

/** A follower at the end of a real connection, and what arrives at the other end. */
async function follow(
  step: () => Step,
  changed: Partial<Pace> = {},
): Promise<{ follower: Follower; response: ServerResponse; client: IncomingMessage }> {
  const accepted = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => {
    accepted.resolve(response)
    followers.resolve(new Follower(response, step, (what) => reports.push(what), { ...pace, ...changed }))
  })
  const followers = Promise.withResolvers<Follower>()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const client = await new Promise<IncomingMessage>((resolve) => get({ port, host: '127.0.0.1' }, resolve))
  client.on('error', () => undefined)
  return { follower: await followers.promise, response: await accepted.promise, client }
}

function textOf(client: IncomingMessage): () => string {
  let text = ''
  client.setEncoding('utf8')
  client.on('data', (chunk: string) => (text += chunk))
  return () => text
}

it('sends what there is, and again when it is woken', async () => {
  const steps = [row('first\nline'), row('second')]
  const { follower, client } = await follow(() => steps.shift() ?? nothing)
  const text = textOf(client)
  await vi.waitFor(() => expect(text()).toContain('event: row\nid: 1\ndata: first\ndata: line\n\n'))
  follower.wake()
  await vi.waitFor(() => expect(text()).toContain('data: second'))
})

it('lets the other end hear from it', async () => {
  const { client } = await follow(() => nothing, { beatMs: 5 })
  const text = textOf(client)
  await vi.waitFor(() => expect(text()).toMatch(/(?:event: beat\ndata: \n\n){2}/u))
})

it('makes no more than a slow page takes, and lets one go that takes nothing', async () => {
  let steps = 0
  const large = 'x'.repeat(1024 * 1024)
  const { client, response } = await follow(
    () => {
      steps += 1
      return { messages: [{ event: 'row', data: large }], more: true }
    },
    { patienceMs: 100 },
  )
  client.pause()
  await vi.waitFor(() => expect(response.destroyed).toBe(true), { timeout: 10_000 })
  // What the system takes for a connection, a few megabytes at most.
  expect(steps).toBeLessThan(20)
})

it('ends with what is over', async () => {
  const { client, follower } = await follow(() => ({
    messages: [{ event: 'over', data: 'Done.' }],
    more: true,
  }))
  const text = textOf(client)
  await new Promise((resolve) => client.once('end', resolve))
  expect(text()).toBe('retry: 1000\n\nevent: over\ndata: Done.\n\n')
  follower.wake()
})

it('says when it fails, to both sides', async () => {
  const { client } = await follow(() => {
    throw new Error('the disk is gone')
  })
  const text = textOf(client)
  await new Promise((resolve) => client.once('end', resolve))
  expect(text()).toContain('event: over\ndata: The node can’t read on.')
  expect(reports).toEqual([expect.stringContaining('the disk is gone')])
})
