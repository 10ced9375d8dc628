import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults as settings,
  START,
  jsonEvent,
  type EventStoreDBClient,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted, range, until } from './server.ts'
import { openTab, startBrowser, type Tab } from './web-browser.ts'
import { originOf } from './web-visits.ts'

// Pages are what only our node has, so the suite runs against one of its own.
let browser: Browser
let node: EventStoreDBNode
let client: EventStoreDBClient
let tab: Tab
let page: Page

beforeAll(async () => {
  node = await EventStoreDBNode.start()
  client = connect(node.connectionString)
  browser = await startBrowser()
}, 180_000)
afterAll(async () => {
  await browser.close()
  void client.dispose()
  await node.stop()
}, 60_000)
beforeEach(async () => {
  tab = await openTab(browser, { viewport: { width: 1200, height: 900 } })
  page = tab.page
})
afterEach(async () => {
  const { troubles } = tab
  await tab.close()
  expect(troubles).toEqual([])
})

const patience = 60_000

const open = (path: string) => page.goto(originOf(node) + path)
const openStream = (stream: string) => open(`/web/streams/${encodeURIComponent(stream)}`)
const revisions = (): Promise<string[]> => page.locator('[data-live-list] .revision').allTextContents()
const status = (): Promise<string> => page.locator('.follow-state').innerText()

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await client.appendToStream(
    stream,
    range(0, count).map((number) => noted(`note ${number}`)),
  )
  return stream
}

const append = (stream: string, ...notes: string[]) => client.appendToStream(stream, notes.map(noted))

describe('browsing', { timeout: patience }, () => {
  it('goes from what was written lately to a stream and its events, and back', async () => {
    const stream = await streamOf(30)
    await open('/web/')
    await page.getByRole('link', { name: stream, exact: true }).click()
    expect(await page.title()).toBe(`${stream} · EventStoreDB`)
    expect(await revisions()).toEqual(range(10, 20).toReversed().map(String))
    await page.getByRole('link', { name: 'Older' }).first().click()
    await page.getByRole('link', { name: '7', exact: true }).click()
    expect(await page.title()).toBe(`7 of ${stream} · EventStoreDB`)
    expect(await page.locator('.payload').first().innerText()).toBe('{ "note": "note 7" }')
    await page.getByRole('link', { name: 'Next' }).click()
    expect(await page.title()).toBe(`8 of ${stream} · EventStoreDB`)
    await page.getByRole('link', { name: 'In $all' }).click()
    expect(await page.locator('.event').first().innerText()).toContain('note 8')
  })

  it('jumps to a stream and a revision, and tells times as they are here', async () => {
    const stream = await streamOf(30)
    await open('/web/')
    await page.getByLabel('Name or id').fill(stream)
    await page.getByRole('button', { name: 'Go' }).click()
    await page.getByLabel('Revision').fill('5')
    await page.getByLabel('Revision').press('Enter')
    await page.waitForURL(/from=5/u)
    expect((await revisions())[0]).toBe('5')
    const time = page.locator('time').first()
    expect(await time.getAttribute('title')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)
    expect(await time.innerText()).not.toContain('UTC')
  })

  it('follows links, correlations and causes', async () => {
    const [order, wallet] = [newStream('order'), newStream('wallet')]
    const $correlationId = newStream('c')
    const placed = jsonEvent({ type: 'Placed', data: {}, metadata: { $correlationId } })
    const metadata = { $correlationId, $causationId: placed.id }
    await client.appendToStream(order, placed)
    await client.appendToStream(wallet, jsonEvent({ type: 'Reserved', data: {}, metadata }))
    await until(
      async () =>
        (await openStream(`$bc-${$correlationId}`))?.status() === 200 && (await revisions()).length === 2,
      'both events are linked to by their correlation',
      patience,
    )
    // Until the projection got there, the page was a 404, which browsers note on the console.
    expect(tab.troubles.every((trouble) => trouble.includes('404'))).toBe(true)
    await tab.close()
    tab = await openTab(browser)
    page = tab.page
    await openStream(`$bc-${$correlationId}`)
    await page.getByRole('link', { name: wallet }).click()
    await page.getByRole('link', { name: placed.id }).click()
    expect(await page.title()).toBe(`0 of ${order} · EventStoreDB`)
    await page.getByRole('link', { name: `0 of ${wallet}` }).click()
    expect(await page.title()).toBe(`0 of ${wallet} · EventStoreDB`)
    await page.getByRole('link', { name: $correlationId }).first().click()
    expect(await page.title()).toBe(`$bc-${$correlationId} · EventStoreDB`)
  })

  it('shows what is hostile, and runs none of it', async () => {
    const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">'`
    const stream = `${newStream()}${hostile}`
    const event = () =>
      jsonEvent({
        type: hostile,
        data: { [hostile]: hostile },
        metadata: { $correlationId: hostile, $causationId: hostile },
      })
    await client.appendToStream(stream, event())
    for (const path of ['/web/', '/web/all', `/web/event/${encodeURIComponent(stream)}/0`]) {
      await open(path)
      expect(await page.locator('body').innerText()).toContain('<script>alert(1)</script>')
    }
    await openStream(stream)
    await page.getByRole('button', { name: 'Follow live' }).click()
    await client.appendToStream(stream, event())
    await page.locator('[data-live-list] .event').nth(1).waitFor()
    expect(await page.locator('main img, main script, main a[href^="javascript:"]').count()).toBe(0)
  })
})

describe('following live', { timeout: patience }, () => {
  it('puts new events on top, counts those that come while paused, and goes on with them', async () => {
    const stream = await streamOf(2)
    await openStream(stream)
    await page.getByRole('button', { name: 'Follow live' }).click()
    await append(stream, 'note 2', 'note 3')
    await until(async () => (await revisions()).join(' ') === '3 2 1 0', 'new events are on top')
    await until(async () => (await status()) === 'Following · 2 new', 'it says how many came')
    expect(await page.locator('.event').first().innerText()).toContain('note 3')
    await page.getByRole('button', { name: 'Pause' }).click()
    await append(stream, 'note 4', 'note 5', 'note 6')
    await until(async () => (await status()) === 'Paused · 3 new', 'it counts while it is paused')
    expect(await revisions()).toEqual(['3', '2', '1', '0'])
    await page.getByRole('button', { name: 'Go on' }).click()
    expect(await revisions()).toEqual(['6', '5', '4', '3', '2', '1', '0'])
  })

  it('begins with a stream that is not there yet, and ends with its tombstone', async () => {
    const stream = newStream()
    await openStream(stream)
    await page.getByRole('button', { name: 'Follow live' }).click()
    await append(stream, 'first')
    await until(async () => (await revisions()).join(' ') === '0', 'the first event is there')
    await client.tombstoneStream(stream)
    await until(async () => (await status()) === 'The stream was deleted for good.', 'it says so')
    expect(await page.getByRole('button', { name: 'Follow live' }).isDisabled()).toBe(true)
    expect(tab.troubles).toEqual([expect.stringContaining('404')])
    await tab.close()
    tab = await openTab(browser)
  })

  it('follows $all, without system events if they are not wanted', async () => {
    await open('/web/all?system=hide')
    await page.getByRole('button', { name: 'Follow live' }).click()
    const stream = await streamOf(1)
    await client.setStreamMetadata(stream, { maxCount: 5 })
    await append(stream, 'last')
    await until(
      async () =>
        (await page.locator('.event .stream').first().innerText()) === stream &&
        (await revisions())[0] === '1',
      'the newest event is on top',
    )
    expect(await page.locator('.event .type').allTextContents()).not.toContain('$metadata')
  })

  it('comes back after a restart of the node, and has missed nothing', async () => {
    const db = await mkdtemp(join(tmpdir(), 'web-test-'))
    const first = await EventStoreDBNode.start({ db })
    const before = connect(first.connectionString)
    const stream = newStream()
    await before.appendToStream(stream, noted('note 0'))
    await page.goto(`${originOf(first)}/web/streams/${stream}`)
    await page.getByRole('button', { name: 'Follow live' }).click()
    await before.appendToStream(stream, noted('note 1'))
    await until(async () => (await revisions()).join(' ') === '1 0', 'it follows')
    void before.dispose()
    await first.stop()
    await until(async () => (await status()).startsWith('Disconnected, trying again…'), 'it says so')
    const second = await EventStoreDBNode.start({ db, port: first.port })
    const after = connect(second.connectionString)
    await after.appendToStream(stream, [noted('note 2'), noted('note 3')])
    await until(async () => (await revisions()).join(' ') === '3 2 1 0', 'it has caught up', 30_000)
    await until(async () => (await status()).startsWith('Following'), 'it says that it follows')
    // Attempts while there was no node are all that may have gone wrong.
    expect(tab.troubles.filter((trouble) => !/ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/u.test(trouble))).toEqual(
      [],
    )
    await tab.close()
    tab = await openTab(browser)
    void after.dispose()
    await second.stop()
    await rm(db, { recursive: true, force: true })
  })

  it('is told when the node has another database, and asks for the page again', async () => {
    const first = await EventStoreDBNode.start()
    await page.goto(`${originOf(first)}/web/all`)
    await page.getByRole('button', { name: 'Follow live' }).click()
    await until(async () => (await status()) === 'Following', 'it follows')
    await first.stop()
    const second = await EventStoreDBNode.start({ port: first.port })
    await until(async () => (await status()).includes('another database'), 'it says so', 30_000)
    await tab.close()
    tab = await openTab(browser)
    await second.stop()
  })
})

describe('looking after consumer groups and projections', { timeout: patience }, () => {
  it('replays parked messages by a button, once it has asked', async () => {
    const stream = await streamOf(4)
    await client.createPersistentSubscriptionToStream(stream, 'handlers', settings({ startFrom: START }))
    const parked = page
      .locator('.facts.cards div', { has: page.getByText('Parked', { exact: true }) })
      .locator('dd')
    const path = `/web/subscription/${stream}/handlers`
    const becomes = async (count: string): Promise<boolean> => {
      await open(path)
      return (await parked.innerText()) === count
    }
    const parks = consumer(stream, (group, resolved) => group.nack(PARK, 'unheard of', resolved))
    await until(() => becomes('4'), 'all four are parked', 30_000)
    await parks.unsubscribe()
    await open('/web/subscriptions')
    await page.getByRole('row', { name: stream }).getByRole('link', { name: 'handlers' }).click()
    expect(await page.locator('.reason').first().innerText()).toContain('unheard of')
    await page.getByRole('link', { name: 'Replay…' }).click()
    await page.getByRole('button', { name: 'Replay 4 messages' }).click()
    await page.getByText('4 parked messages given back').waitFor()
    const takes = consumer(stream, (group, resolved) => group.ack(resolved))
    await until(() => becomes('0'), 'none is parked any more', 30_000)
    await takes.unsubscribe()
  })

  it('disables and enables projections', async () => {
    await open('/web/projections')
    const row = page.getByRole('row', { name: '$streams' })
    await row.getByRole('button', { name: 'Disable' }).click()
    await page.getByText('$streams is stopped.').waitFor()
    await row.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('$streams is running.').waitFor()
  })
})

describe('everyone can use it', { timeout: patience }, () => {
  it('by keyboard alone', async () => {
    const stream = await streamOf(30)
    await openStream(stream)
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    const focused = page.locator(':focus')
    expect(await focused.innerText()).toBe('Metadata')
    expect(await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await tabTo('Older')
    await page.keyboard.press('Enter')
    await page.waitForURL(/from=9/u)
    await page.goBack()
    await tabTo('Follow live')
    await page.keyboard.press('Space')
    await append(stream, 'note 30')
    await until(async () => (await revisions())[0] === '30', 'it follows')
    // Shortcuts, for those who use them.
    await page.keyboard.press('f')
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    await page.keyboard.press('o')
    await page.waitForURL(/from=/u)
    await page.keyboard.press('/')
    await page.keyboard.type(stream)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.search === '')
    await page.keyboard.press('?')
    await page.getByText('Follow live, or pause').waitFor()
    await page.getByLabel('Use them on this device').press('Space')
    await page.keyboard.press('Escape')
    await page.getByRole('main').focus()
    await page.keyboard.press('o')
    await page.reload()
    expect(await page.getByLabel('Use them on this device').isChecked()).toBe(false)
    expect(page.url()).not.toContain('from=')
  })

  it('on a narrow screen, in the dark', async () => {
    const stream = newStream('x'.repeat(200))
    await client.appendToStream(
      stream,
      jsonEvent({ type: 'T'.repeat(150), data: { long: 'y'.repeat(3000), list: range(0, 100) } }),
    )
    await client.createPersistentSubscriptionToStream(stream, 'g'.repeat(80), settings())
    await tab.close()
    tab = await openTab(browser, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    page = tab.page
    const name = encodeURIComponent(stream)
    const paths = [
      '',
      'all',
      `streams/${name}`,
      `event/${name}/0`,
      `metadata/${name}`,
      'subscriptions',
      'projections',
    ]
    for (const path of [
      ...paths,
      `subscription/${name}/${'g'.repeat(80)}`,
      'streams/%24users',
      'all?system=hide',
    ]) {
      await open(`/web/${path}`)
      expect([path, await page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([path, 360])
    }
    expect(await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(20, 23, 21)',
    )
  })

  it('without script', async () => {
    const stream = await streamOf(30)
    await tab.close()
    tab = await openTab(browser, { javaScriptEnabled: false })
    page = tab.page
    await openStream(stream)
    expect(await page.getByText('Follow live').first().isVisible()).toBe(false)
    await page.getByRole('link', { name: 'Older' }).first().click()
    expect(await revisions()).toEqual(range(0, 10).toReversed().map(String))
    await page.getByLabel('Revision').fill('12')
    await page.getByLabel('Revision').press('Enter')
    await page.waitForURL(/from=12/u)
    expect(await page.locator('time').first().innerText()).toContain('UTC')
    await open('/web/projections')
    await page.getByRole('row', { name: '$streams' }).getByRole('button', { name: 'Disable' }).click()
    await page.getByText('$streams is stopped.').waitFor()
    await page.getByRole('row', { name: '$streams' }).getByRole('button', { name: 'Enable' }).click()
    await page.getByText('$streams is running.').waitFor()
  })
})

type Consumer = PersistentSubscriptionToStream
type Handle = (consumer: Consumer, resolved: Parameters<Consumer['ack']>[0]) => Promise<void>

/** Handles what comes until it is told to leave: who leaves at once takes unsent answers along. */
function consumer(stream: string, handle: Handle): Consumer {
  const subscription = client.subscribeToPersistentSubscriptionToStream(stream, 'handlers')
  subscription.on('data', (resolved) => {
    handle(subscription, resolved).catch((error: unknown) => tab.note(String(error)))
  })
  return subscription
}

/** Presses Tab until something with these words has the focus. */
async function tabTo(words: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate<string>('document.activeElement.textContent.trim()')) === words) return
  }
  throw new Error(`Nobody gets to “${words}” by keyboard.`)
}
