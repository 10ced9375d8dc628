import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { catalogueSettings, parseConfig } from '../service/config.ts'
import { anyPorts, choosePorts, documentedPorts } from '../start/ports.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

const Container = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()),
  restart: z.literal('unless-stopped'),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.object({
    test: z.tuple([z.literal('CMD')], z.string()),
    interval: z.string(),
    timeout: z.string(),
  }),
})
const Compose = z.object({
  services: z.record(z.string(), Container),
  volumes: z.record(z.string(), z.null()),
})

const { services, volumes } = Compose.parse(parse(read('docker-compose.yml'), { merge: true }))
const dockerfile = read('Dockerfile')
const copied = [...dockerfile.matchAll(/^COPY (\w+) \1$/gm)].map((match) => match[1])
const ours = [
  { name: 'orders', port: documentedPorts.orders, variable: 'ORDERS_PORT' },
  { name: 'payments', port: documentedPorts.payments, variable: 'PAYMENTS_PORT' },
  { name: 'projections', port: documentedPorts.projections, variable: 'PROJECTIONS_PORT' },
  { name: 'notifications', port: documentedPorts.notifications, variable: 'NOTIFICATIONS_PORT' },
  { name: 'api', port: documentedPorts.api, variable: 'API_PORT' },
]

const service = (name: string) => Container.parse(services[name])

/** An environment as compose hands it on where nothing is set around it: `${NAME:-default}` is the default. */
const unlessSet = (environment: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')]),
  )

/** Everything that a script of ours imports, itself included. */
const importsOf = (script: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(script)) return seen
  seen.add(script)
  for (const [, from] of read(script).matchAll(
    /^(?:import|export)\b[^'"]*?from '(\.[^']+)'|^import '(\.[^']+)'/gm,
  ))
    if (from) importsOf(relative(root, resolve(root, dirname(script), from)), seen)
  return seen
}

test('the containers are the documented ones', () => {
  expect(Object.keys(services)).toEqual([
    'eventstoredb',
    'mongodb',
    'orders',
    'payments',
    'projections',
    'notifications',
    'api',
  ])
})

test('every port is the documented one, on the loopback interface only', () => {
  expect(service('eventstoredb').ports).toEqual([`127.0.0.1:${documentedPorts.eventstore}:2113`])
  expect(service('mongodb').ports).toEqual([`127.0.0.1:${documentedPorts.mongodb}:27017`])
  for (const { name, port, variable } of ours) {
    expect(service(name).ports).toEqual([`127.0.0.1:${port}:${port}`])
    expect(service(name).environment[variable]).toBe(String(port))
    expect(service(name).healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${port}/readyz`)
    expect(dockerfile).toMatch(new RegExp(`^EXPOSE .*\\b${port}\\b`, 'm'))
  }
})

test('everything starts after what it needs', () => {
  const orderOf = (name: string, path: readonly string[] = []): readonly string[] => {
    expect(path).not.toContain(name)
    return Object.keys(service(name).depends_on).flatMap((needed) => [
      ...orderOf(needed, [...path, name]),
      needed,
    ])
  }
  expect(new Set(orderOf('api'))).toEqual(
    new Set(['eventstoredb', 'mongodb', 'orders', 'payments', 'projections']),
  )
  for (const { name } of ours) {
    const { environment } = service(name)
    expect(orderOf(name)).toContain(new URL(environment['EVENTSTORE_URL'] ?? '').hostname)
  }
})

test('data lies in named volumes', () => {
  const used = Object.values(services).flatMap((container) =>
    container.volumes.map((volume) => volume.split(':')[0]),
  )
  expect(used).toEqual(Object.keys(volumes))
})

test('EventStoreDB has its standard projections on, MongoDB is a replica set', () => {
  expect(service('eventstoredb').image).toMatch(/^eventstore\/eventstore:24\.10/)
  expect(service('eventstoredb').environment).toMatchObject({
    EVENTSTORE_RUN_PROJECTIONS: 'All',
    EVENTSTORE_START_STANDARD_PROJECTIONS: 'true',
  })
  expect(service('mongodb').image).toBe('mongo:8')
  expect(service('mongodb').command?.join(' ')).toContain('--replSet rs0')
})

test('cards are charged by Stripe with keys from outside, by those who talk to it and nobody else', () => {
  const cards = {
    STRIPE_SECRET_KEY: '${STRIPE_SECRET_KEY:-}',
    STRIPE_WEBHOOK_SECRET: '${STRIPE_WEBHOOK_SECRET:-}',
    STRIPE_API_ROOT: '${STRIPE_API_ROOT:-https://api.stripe.com}',
  }
  for (const name of ['payments', 'api']) expect(service(name).environment).toMatchObject(cards)
  for (const name of ['orders', 'projections', 'notifications'])
    expect(
      Object.keys(service(name).environment).filter((variable) => variable.startsWith('STRIPE')),
    ).toEqual([])
})

test('people sign in with keys and secrets from outside, which nobody but the API has', () => {
  for (const variable of ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET', 'AUTH_SIGNING_KEYS', 'ADMIN_EMAIL']) {
    const told = Object.keys(services).filter((name) => variable in service(name).environment)
    expect(told).toEqual(['api'])
    expect(service('api').environment[variable]).toBe(`\${${variable}:-}`)
  }
})

test('messages are sent with a token from outside, which nobody but their service has', () => {
  const withToken = Object.keys(services).filter((name) => 'TELEGRAM_BOT_TOKEN' in service(name).environment)
  expect(withToken).toEqual(['notifications'])
  expect(service('notifications').environment['TELEGRAM_BOT_TOKEN']).toBe('${TELEGRAM_BOT_TOKEN:-}')
})

test('products come from the service that is named outside, for those who sell them', () => {
  for (const name of ['orders', 'api']) {
    const { environment } = service(name)
    for (const variable of Object.keys(catalogueSettings))
      expect(environment[variable]).toMatch(new RegExp(`^\\$\\{${variable}:-\\w*\\}$`))
    // What it says where nothing is set outside is what the services would say themselves.
    const settings = z.object(catalogueSettings)
    expect(parseConfig(settings, unlessSet(environment))).toEqual(parseConfig(settings, {}))
  }
  for (const name of ['payments', 'projections', 'notifications'])
    expect(service(name).environment).not.toHaveProperty('PRODUCT_SERVICE_URL')
})

test('whoever takes commands is told how many, and of which currency', () => {
  for (const name of ['orders', 'payments', 'api'])
    expect(service(name).environment).toMatchObject({
      RATE_LIMIT_PER_SECOND: '${RATE_LIMIT_PER_SECOND:-5000}',
      DEFAULT_CURRENCY: '${DEFAULT_CURRENCY:-EUR}',
    })
})

describe('the image', () => {
  test('runs as a user without rights, and has production dependencies only', () => {
    expect(dockerfile).toMatch(/^FROM .* AS dependencies$/m)
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(dockerfile).toContain('npm ci --omit=dev')
    const { dependencies } = z
      .object({ dependencies: z.record(z.string(), z.string()) })
      .parse(JSON.parse(read('package.json')))
    for (const { name } of ours)
      for (const file of importsOf(service(name).command?.[1] ?? ''))
        for (const [, from] of read(file).matchAll(/^import (?!type)[^'"]*?from '([^.'][^']*)'/gm)) {
          const wanted = from?.startsWith('@') ? from.split('/').slice(0, 2).join('/') : from?.split('/')[0]
          if (!wanted?.startsWith('node:')) expect(Object.keys(dependencies), file).toContain(wanted)
        }
  })

  test('contains every file that a service imports', () => {
    const allowed = read('.dockerignore')
    for (const { name } of ours)
      for (const file of importsOf(service(name).command?.[1] ?? ''))
        expect(copied).toContain(file.split('/')[0])
    for (const folder of copied) {
      expect(existsSync(join(root, folder ?? ''))).toBe(true)
      expect(allowed).toContain(`\n!${folder}\n`)
    }
  })

  test.each(ours)('starts $name by its command', async ({ name, variable }) => {
    const ports = await choosePorts(anyPorts, '127.0.0.1', () => {})
    const [program, ...args] = service(name).command ?? []
    expect(program).toBe('node')
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'ignore',
      env: {
        ...process.env,
        ...unlessSet(service(name).environment),
        LOG_LEVEL: 'silent',
        EVENTSTORE_URL: `esdb://127.0.0.1:${ports.eventstore}?tls=false`,
        MONGODB_URL: `mongodb://127.0.0.1:${ports.mongodb}`,
        [variable]: String(ports.api),
      },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = Promise.withResolvers<number | null>()
    child.once('close', ended.resolve)
    const health = () =>
      fetch(`http://127.0.0.1:${ports.api}/healthz`).then(
        ({ status }) => status,
        () => child.exitCode ?? 'no answer',
      )
    await expect.poll(health, { timeout: 10_000 }).toBe(200)
    child.kill('SIGTERM')
    expect(await ended.promise).toBe(0)
  })
})
