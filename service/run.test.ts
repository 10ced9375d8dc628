import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { anyPorts, choosePorts } from '../start/ports.ts'
import { whyNotReady } from '../start/readiness.ts'

const run = (script: string, env: Record<string, string>) => {
  const child = spawn(process.execPath, [script], { env: { ...process.env, ...env }, stdio: 'pipe' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = Promise.withResolvers<number | null>()
  child.once('close', ended.resolve)
  return { child, output: Promise.all([text(child.stdout), text(child.stderr)]), ended: ended.promise }
}

test('a service with a wrong configuration names every mistake and ends with 1', async () => {
  const { output, ended } = run('orders/main.ts', {
    EVENTSTORE_URL: 'http://here',
    ORDERS_PORT: 'none',
    LOG_LEVEL: 'loud',
  })
  expect(await ended).toBe(1)
  const [, stderr] = await output
  expect(stderr).toContain('orders: The configuration has mistakes:')
  for (const name of ['EVENTSTORE_URL', 'ORDERS_PORT', 'LOG_LEVEL']) expect(stderr).toContain(`  ${name}: `)
})

test('a service starts before its stores do, says that it is not ready, and stops in order', async () => {
  const ports = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const { child, output, ended } = run('orders/main.ts', {
    EVENTSTORE_URL: `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
    ORDERS_PORT: String(ports.orders),
    LOG_LEVEL: 'info',
  })
  const base = `http://127.0.0.1:${ports.orders}`
  await expect
    .poll(() => whyNotReady(`${base}/readyz`), { timeout: 10_000 })
    .toMatch(/eventstore: .*UNAVAILABLE/)

  expect((await fetch(`${base}/healthz`)).status).toBe(200)
  const ready = await fetch(`${base}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({
    status: 'not ready',
    checks: { running: { ok: true }, eventstore: { ok: false }, 'orders-settle': { ok: false } },
  })
  const metrics = await (await fetch(`${base}/metrics`)).text()
  expect(metrics).toContain('reaction_connected{group="orders-settle"} 0')
  expect(metrics).toContain('process_cpu_seconds_total')
  const unknown = await fetch(`${base}/nowhere?secret=1`)
  expect(unknown.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  expect(await unknown.json()).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'There is no GET /nowhere.',
  })

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  const [stdout] = await output
  const lines = stdout.trim().split('\n')
  expect(lines.at(-1)).toContain('"msg":"stopped"')
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ service: 'orders' })
})

test('a port that is taken ends a service with 1 and the reason', async () => {
  const ports = await choosePorts(anyPorts, '127.0.0.1', () => {})
  const env = {
    EVENTSTORE_URL: `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
    ORDERS_PORT: String(ports.orders),
  }
  run('orders/main.ts', env)
  await expect.poll(() => whyNotReady(`http://127.0.0.1:${ports.orders}/readyz`)).toContain('eventstore')
  const second = run('orders/main.ts', env)
  expect(await second.ended).toBe(1)
  expect((await second.output)[0]).toContain('EADDRINUSE')
})
