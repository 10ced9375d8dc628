import sparticuz from '@sparticuz/chromium'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import type { EventStoreDBClient } from '@eventstore/db-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted, range } from './server.ts'
import { originOf } from './web-visits.ts'

/** Switches that would make the browser more lenient than those of people, or less steady. */
const unwanted = ['--disable-web-security', '--allow-running-insecure-content', '--single-process']

/** Enough for a browser on a machine that has other things to do. */
export const patience = 60_000

/** CHROME_PATH names a browser of the system; else the packaged one is unpacked, which takes a few seconds. */
async function startBrowser(): Promise<Browser> {
  const path = process.env['CHROME_PATH']
  return chromium.launch({
    executablePath: path ?? (await sparticuz.executablePath()),
    args: path === undefined ? sparticuz.args.filter((arg) => !unwanted.includes(arg)) : [],
    timeout: 120_000,
  })
}

/**
 * A browser for a file of tests, a page of its own for each, and a node to look at: pages are what only our node
 * has. A test fails if anything went wrong on its page that it didn't say it would bear.
 */
export class Scene {
  #browser: Browser | undefined
  #node: EventStoreDBNode | undefined
  #client: EventStoreDBClient | undefined
  #page: Page | undefined
  #troubles: string[] = []
  #borne: RegExp[] = []

  constructor() {
    beforeAll(async () => {
      this.#node = await EventStoreDBNode.start()
      this.#client = connect(this.#node.connectionString)
      this.#browser = await startBrowser()
    }, 180_000)
    afterAll(async () => {
      await this.#browser?.close()
      void this.#client?.dispose()
      await this.#node?.stop()
    }, patience)
    beforeEach(() => this.renew(), patience)
    afterEach(async () => {
      await this.#page?.context().close()
      const unborne = this.#troubles.filter(
        (trouble) => !this.#borne.some((pattern) => pattern.test(trouble)),
      )
      this.#troubles = []
      this.#borne = []
      expect(unborne).toEqual([])
    }, patience)
  }

  get node(): EventStoreDBNode {
    return there(this.#node)
  }

  get client(): EventStoreDBClient {
    return there(this.#client)
  }

  get page(): Page {
    return there(this.#page)
  }

  /** Another page instead, of another kind of browser. */
  async renew(options: BrowserContextOptions = {}): Promise<void> {
    await this.#page?.context().close()
    const context = await there(this.#browser).newContext({
      viewport: { width: 1200, height: 900 },
      ...options,
    })
    context.setDefaultTimeout(20_000)
    this.#page = await context.newPage()
    this.#watch(this.#page)
  }

  /** What may go wrong on this page: it is part of the story. */
  bear(pattern: RegExp): void {
    this.#borne.push(pattern)
  }

  note(trouble: string): void {
    this.#troubles.push(trouble)
  }

  open(path: string, node = this.node) {
    return this.page.goto(originOf(node) + path)
  }

  openStream(stream: string) {
    return this.open(`/web/streams/${encodeURIComponent(stream)}`)
  }

  /** Numbers of the events on the page, from the top. */
  async revisions(): Promise<number[]> {
    return (await this.page.locator('[data-live-list] .revision').allTextContents()).map(Number)
  }

  /** What is said of following live. */
  followState(): Promise<string> {
    return this.page.locator('.follow-state').innerText()
  }

  async streamOf(count: number): Promise<string> {
    const stream = newStream()
    await this.append(stream, ...range(0, count).map((number) => `note ${number}`))
    return stream
  }

  append(stream: string, ...notes: string[]) {
    return this.client.appendToStream(stream, notes.map(noted))
  }

  #watch(page: Page): void {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.note(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.note(`script: ${error.message}`))
    page.on('requestfailed', (request) => {
      const error = request.failure()?.errorText
      // A feed ends when its page is left.
      const left = error === 'net::ERR_ABORTED' && request.url().includes('/web/live/')
      if (!left) this.note(`request: ${request.url()} ${error}`)
    })
    page.on('dialog', (dialog) => {
      this.note(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }
}

function there<Thing>(thing: Thing | undefined): Thing {
  if (thing === undefined) throw new Error('It is there from the first test on.')
  return thing
}
