import type { ServerResponse } from 'node:http'

import { securityHeaders } from './answer.ts'
import type { Report } from '../report.ts'

/** One message of a feed, as a server-sent event: the data is markup or words. */
export interface Message {
  /** `over` says why there is nothing more to come: who follows need not come back. */
  readonly event: 'row' | 'gap' | 'at' | 'state' | 'over' | 'beat'
  readonly data: string
  /** Where to go on after it, for who comes back. */
  readonly id?: number
}

export interface Step {
  readonly messages: readonly Message[]
  /** There is more at once. */
  readonly more: boolean
}

export interface Pace {
  /** People read slowly: what comes faster than this goes out together. */
  readonly betweenStepsMs: number
  /** Lets both sides notice that the other is gone. */
  readonly beatMs: number
  /** Who takes nothing for so long isn't there any more. */
  readonly patienceMs: number
}

export const defaultPace: Pace = { betweenStepsMs: 200, beatMs: 15_000, patienceMs: 60_000 }
/** Commits close to each other make one step, and no step is made while writers wait for their answer. */
const wakingMs = 10

export const feedHeaders = {
  ...securityHeaders,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  connection: 'close',
}

function textOf({ event, data, id }: Message): string {
  const lines = data.split(/\r\n|\r|\n/u).map((line) => `data: ${line}\n`)
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}${lines.join('')}\n`
}

/**
 * A page that follows along. What it is sent is produced step by step, and only once it has taken the step
 * before: a slow page costs the node one step of memory, and one that takes nothing at all is let go.
 */
export class Follower {
  readonly #response: ServerResponse
  readonly #report: Report
  readonly #step: () => Step
  readonly #pace: Pace
  readonly #beat: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #impatience: NodeJS.Timeout | undefined
  #woken = true
  #ended = false

  constructor(response: ServerResponse, step: () => Step, report: Report, pace: Pace = defaultPace) {
    this.#response = response
    this.#report = report
    this.#step = step
    this.#pace = pace
    response.writeHead(200, feedHeaders)
    response.write('retry: 1000\n\n')
    response.on('drain', () => this.#drained())
    response.on('close', () => this.#clear())
    response.on('error', () => response.destroy())
    this.#beat = setInterval(() => this.#send([{ event: 'beat', data: '' }]), pace.beatMs)
    this.#run()
  }

  /** There may be something new. */
  wake(): void {
    this.#woken = true
    if (!this.#ended && !this.#congested) this.#timer ??= setTimeout(this.#run, wakingMs)
  }

  end(): void {
    this.#clear()
    this.#response.end()
  }

  get #congested(): boolean {
    return this.#impatience !== undefined
  }

  readonly #run = (): void => {
    this.#timer = undefined
    if (!this.#woken || this.#congested || this.#ended) return
    this.#woken = false
    const { messages, more } = this.#produce()
    if (messages.length > 0) this.#send(messages)
    if (messages.at(-1)?.event === 'over') {
      this.end()
      return
    }
    if (more) this.#woken = true
    this.#timer = setTimeout(this.#run, this.#pace.betweenStepsMs)
  }

  /** An error ends this feed and nothing else: it comes from a timer, where it would end the node. */
  #produce(): Step {
    try {
      return this.#step()
    } catch (error) {
      this.#report(`A page can't follow any more: ${String(error)}`)
      return { messages: [{ event: 'over', data: 'The node can’t read on.' }], more: false }
    }
  }

  #send(messages: readonly Message[]): void {
    if (this.#ended || this.#congested) return
    if (this.#response.write(messages.map(textOf).join(''))) return
    this.#impatience = setTimeout(() => this.#response.destroy(), this.#pace.patienceMs)
  }

  #drained(): void {
    clearTimeout(this.#impatience)
    this.#impatience = undefined
    if (this.#timer === undefined) this.#run()
  }

  #clear(): void {
    this.#ended = true
    clearInterval(this.#beat)
    clearTimeout(this.#timer)
    clearTimeout(this.#impatience)
  }
}
