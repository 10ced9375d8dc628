import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { anyPorts, choosePorts, portNames } from './ports.ts'

test('any ports are free and differ', async () => {
  const ports = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const chosen = portNames.map((name) => ports[name])
  expect(new Set(chosen).size).toBe(chosen.length)
  for (const port of chosen) expect(port).toBeGreaterThan(1024)
})

test('a taken port is replaced, and a note says so', async () => {
  const { api } = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const server = createServer().listen(api, '127.0.0.1')
  await once(server, 'listening')
  const notes: string[] = []
  const ports = await choosePorts({ ...anyPorts, api }, '127.0.0.1', (line) => notes.push(line))
  expect(ports.api).not.toBe(api)
  expect(notes).toEqual([`port ${api} is taken: api uses ${ports.api} instead`])
  server.close()
})

test('two that want the same port do not get it both', async () => {
  const { api } = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const ports = await choosePorts({ ...anyPorts, api, orders: api }, '127.0.0.1', () => {})
  expect(ports.api).toBe(api)
  expect(ports.orders).not.toBe(api)
})
