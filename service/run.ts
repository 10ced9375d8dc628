import type { FastifyInstance } from 'fastify'
import { flushCompileCache } from 'node:module'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { z } from 'zod'
import { within } from '../eventstore/deadline.ts'
import type { Check } from './checks.ts'
import { BadConfiguration, parseConfig } from './config.ts'
import type { Environment, ProcessSettings } from './config.ts'
import { closeHttp, httpOf } from './http.ts'
import { loggerOf } from './logger.ts'
import type { Logger } from './logger.ts'
import type { ApiDocument } from './rest/document.ts'

/** What a service is given to build itself from. */
export interface Service<S> {
  readonly name: string
  readonly settings: S
  readonly log: Logger
  readonly registry: Registry
  /** Has /healthz, /readyz and /metrics; listens after `start`, so all other routes are added there. */
  readonly http: FastifyInstance
  /** Aborted when nothing new may be begun. */
  readonly signal: AbortSignal
  readonly now: () => Date
  readonly newId: () => string
  /** Adds a check to /readyz. */
  readonly check: (check: Check) => void
  /** Work that lasts until `signal` is aborted, and is then waited for. Should it end or fail before, the service fails. */
  readonly work: (name: string, work: Promise<unknown>) => void
  /** Something to close when all work is done; the last one added is closed first. */
  readonly closing: (name: string, close: () => Promise<unknown>) => void
}

export interface ServiceDefinition<S extends ProcessSettings> {
  readonly name: string
  readonly env: Environment
  readonly settings: z.ZodType<S>
  readonly port: (settings: S) => number
  /** Of a service with an API over plain HTTP. */
  readonly document?: (settings: S) => ApiDocument
  /** Builds the service. It must not wait for servers that may not be up yet: that is `work`. */
  readonly start: (service: Service<S>) => Promise<void> | void
}

/** Milliseconds from the signal to the end of the process, at the most. */
const STOP_DEADLINE = 10_000

/**
 * Runs a service process: configuration, start, listen; on SIGTERM or SIGINT stops taking, finishes what is
 * in hand, closes, and exits 0 (1 when that takes too long, or anything goes wrong that nobody handles).
 */
export const runService = async <S extends ProcessSettings>(
  definition: ServiceDefinition<S>,
): Promise<void> => {
  const { name } = definition
  const settings = configured(definition)
  const log = loggerOf(name, settings.LOG_LEVEL)
  const fail = (fault: unknown, why: string) => {
    log.fatal({ err: fault }, why)
    process.exit(1)
  }
  process.on('uncaughtException', (fault) => fail(fault, 'an error that nobody handled'))
  process.on('unhandledRejection', (fault) => fail(fault, 'a rejection that nobody handled'))

  const stopping = new AbortController()
  const checks: Check[] = [{ name: 'running', run: () => Promise.resolve(stopping.signal.throwIfAborted()) }]
  const works: Step[] = []
  const closers: Step[] = []
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const newId = () => crypto.randomUUID()
  const http = httpOf({
    log,
    registry,
    newId,
    checks: () => checks,
    trustedProxies: settings.TRUSTED_PROXIES,
    document: definition.document?.(settings),
  })

  const stop = async (why: string) => {
    if (stopping.signal.aborted) return
    log.info({ why }, 'stopping')
    stopping.abort(new Error('the service is stopping'))
    try {
      await inOrder([{ name: 'http', done: () => closeHttp(http) }, ...works, ...closers], STOP_DEADLINE)
      log.info('stopped')
      process.exit(0)
    } catch (fault) {
      fail(fault, 'could not stop in order')
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))

  try {
    await definition.start({
      name,
      settings,
      log,
      registry,
      http,
      signal: stopping.signal,
      now: () => new Date(),
      newId,
      check: (check) => checks.push(check),
      work: (what, work) => {
        const done = work.then(
          () => stopping.signal.aborted || fail(undefined, `${what} ended by itself`),
          (fault: unknown) => stopping.signal.aborted || fail(fault, `${what} failed`),
        )
        works.push({ name: what, done: () => done })
      },
      closing: (what, close) => closers.unshift({ name: what, done: close }),
    })
    await http.listen({ host: settings.HOST, port: definition.port(settings) })
    // Otherwise a process that is killed would leave nothing to the next one.
    flushCompileCache()
  } catch (fault) {
    fail(fault, 'could not start')
  }
}

const configured = <S extends ProcessSettings>({ name, settings, env }: ServiceDefinition<S>): S => {
  try {
    return parseConfig(settings, env)
  } catch (fault) {
    if (!(fault instanceof BadConfiguration)) throw fault
    console.error(`${name}: ${fault.message}`)
    return process.exit(1)
  }
}

interface Step {
  readonly name: string
  readonly done: () => Promise<unknown>
}

/** One step after another, all within a deadline; the fault names the step that it was too short for. */
const inOrder = async (steps: readonly Step[], ms: number) => {
  const deadline = performance.now() + ms
  for (const { name, done } of steps)
    await within(Math.max(0, Math.round(deadline - performance.now())), name, done())
}
