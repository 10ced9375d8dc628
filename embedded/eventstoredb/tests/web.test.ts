import {
  jsonEvent,
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults as settings,
  START,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client'
import { describe, expect, it } from 'vitest'

import { newStream, range, until } from './server.ts'
import { patience, Scene } from './web-browser.ts'

const scene = new Scene()

describe('browsing', { timeout: patience }, () => {
  it('goes from what was written lately to a stream and its events, and back', async () => {
    const stream = await scene.streamOf(30)
    await scene.open('/web/')
    await scene.page.getByRole('link', { name: stream, exact: true }).click()
    expect(await scene.page.title()).toBe(`${stream} · EventStoreDB`)
    expect(await scene.revisions()).toEqual(range(10, 20).toReversed())
    await scene.page.getByRole('link', { name: 'Older' }).first().click()
    await scene.page.getByRole('link', { name: '7', exact: true }).click()
    expect(await scene.page.title()).toBe(`7 of ${stream} · EventStoreDB`)
    expect(await scene.page.locator('.payload').first().innerText()).toBe('{ "note": "note 7" }')
    await scene.page.getByRole('link', { name: 'Next' }).click()
    expect(await scene.page.title()).toBe(`8 of ${stream} · EventStoreDB`)
    await scene.page.getByRole('link', { name: 'In $all' }).click()
    expect(await scene.page.locator('.event').first().innerText()).toContain('note 8')
  })

  it('jumps to a stream and a revision, and tells times as they are here', async () => {
    const stream = await scene.streamOf(30)
    await scene.open('/web/')
    await scene.page.getByLabel('Name or id').fill(stream)
    await scene.page.getByRole('button', { name: 'Go' }).click()
    await scene.page.getByLabel('Revision').fill('5')
    await scene.page.getByLabel('Revision').press('Enter')
    await scene.page.waitForURL(/from=5/u)
    expect((await scene.revisions())[0]).toBe(5)
    const time = scene.page.locator('time').first()
    expect(await time.getAttribute('title')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u)
    expect(await time.innerText()).not.toContain('UTC')
  })

  it('follows links, correlations and causes', async () => {
    const [order, wallet] = [newStream('order'), newStream('wallet')]
    const $correlationId = newStream('c')
    const placed = jsonEvent({ type: 'Placed', data: {}, metadata: { $correlationId } })
    const metadata = { $correlationId, $causationId: placed.id }
    await scene.client.appendToStream(order, placed)
    await scene.client.appendToStream(wallet, jsonEvent({ type: 'Reserved', data: {}, metadata }))
    // Until the projection gets there, the page is none, which browsers note on the console.
    scene.bear(/404/u)
    await until(
      async () =>
        (await scene.openStream(`$bc-${$correlationId}`))?.status() === 200 &&
        (await scene.revisions()).length === 2,
      'both events are linked to by their correlation',
      patience,
    )
    await scene.page.getByRole('link', { name: wallet }).click()
    await scene.page.getByRole('link', { name: placed.id }).click()
    expect(await scene.page.title()).toBe(`0 of ${order} · EventStoreDB`)
    await scene.page.getByRole('link', { name: `0 of ${wallet}` }).click()
    expect(await scene.page.title()).toBe(`0 of ${wallet} · EventStoreDB`)
    await scene.page.getByRole('link', { name: $correlationId }).first().click()
    expect(await scene.page.title()).toBe(`$bc-${$correlationId} · EventStoreDB`)
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
    await scene.client.appendToStream(stream, event())
    for (const path of ['/web/', '/web/all', `/web/event/${encodeURIComponent(stream)}/0`]) {
      await scene.open(path)
      expect(await scene.page.locator('body').innerText()).toContain('<script>alert(1)</script>')
    }
    await scene.openStream(stream)
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await scene.client.appendToStream(stream, event())
    await scene.page.locator('[data-live-list] .event').nth(1).waitFor()
    expect(await scene.page.locator('main img, main script, main a[href^="javascript:"]').count()).toBe(0)
  })
})

describe('looking after consumer groups and projections', { timeout: patience }, () => {
  it('replays parked messages by a button, once it has asked', async () => {
    const stream = await scene.streamOf(4)
    await scene.client.createPersistentSubscriptionToStream(
      stream,
      'handlers',
      settings({ startFrom: START }),
    )
    const parked = scene.page
      .locator('.facts.cards div', { has: scene.page.getByText('Parked', { exact: true }) })
      .locator('dd')
    const path = `/web/subscription/${stream}/handlers`
    const becomes = async (count: string): Promise<boolean> => {
      await scene.open(path)
      return (await parked.innerText()) === count
    }
    const parks = consumer(stream, (group, resolved) => group.nack(PARK, 'unheard of', resolved))
    await until(() => becomes('4'), 'all four are parked', 30_000)
    await parks.unsubscribe()
    await scene.open('/web/subscriptions')
    await scene.page.getByRole('row', { name: stream }).getByRole('link', { name: 'handlers' }).click()
    expect(await scene.page.locator('.reason').first().innerText()).toContain('unheard of')
    await scene.page.getByRole('link', { name: 'Replay…' }).click()
    await scene.page.getByRole('button', { name: 'Replay 4 messages' }).click()
    await scene.page.getByText('4 parked messages given back').waitFor()
    const takes = consumer(stream, (group, resolved) => group.ack(resolved))
    await until(() => becomes('0'), 'none is parked any more', 30_000)
    await takes.unsubscribe()
  })

  it('disables and enables projections', async () => {
    await scene.open('/web/projections')
    const row = scene.page.getByRole('row', { name: '$streams' })
    await row.getByRole('button', { name: 'Disable' }).click()
    await scene.page.getByText('$streams is stopped.').waitFor()
    await row.getByRole('button', { name: 'Enable' }).click()
    await scene.page.getByText('$streams is running.').waitFor()
  })
})

describe('everyone can use it', { timeout: patience }, () => {
  it('by keyboard alone', async () => {
    const stream = await scene.streamOf(30)
    await scene.openStream(stream)
    await scene.page.keyboard.press('Tab')
    expect(await scene.page.evaluate<string>('document.activeElement.textContent')).toBe(
      'Skip to the content',
    )
    await scene.page.keyboard.press('Enter')
    await scene.page.keyboard.press('Tab')
    const focused = scene.page.locator(':focus')
    expect(await focused.innerText()).toBe('Metadata')
    expect(await scene.page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle')).toBe(
      'solid',
    )
    await tabTo('Older')
    await scene.page.keyboard.press('Enter')
    await scene.page.waitForURL(/from=9/u)
    await scene.page.goBack()
    await tabTo('Follow live')
    await scene.page.keyboard.press('Space')
    await scene.append(stream, 'note 30')
    await until(async () => (await scene.revisions())[0] === 30, 'it follows')
    // Shortcuts, for those who use them.
    await scene.page.keyboard.press('f')
    await scene.page.getByRole('button', { name: 'Go on' }).waitFor()
    await scene.page.keyboard.press('o')
    await scene.page.waitForURL(/from=/u)
    await scene.page.keyboard.press('/')
    await scene.page.keyboard.type(stream)
    await scene.page.keyboard.press('Enter')
    await scene.page.waitForURL((url) => url.search === '')
    await scene.page.keyboard.press('?')
    await scene.page.getByText('Follow live, or pause').waitFor()
    await scene.page.getByLabel('Use them on this device').press('Space')
    await scene.page.keyboard.press('Escape')
    await scene.page.getByRole('main').focus()
    await scene.page.keyboard.press('o')
    await scene.page.reload()
    expect(await scene.page.getByLabel('Use them on this device').isChecked()).toBe(false)
    expect(scene.page.url()).not.toContain('from=')
  })

  it('on a narrow screen, in the dark', async () => {
    const stream = newStream('x'.repeat(200))
    await scene.client.appendToStream(
      stream,
      jsonEvent({ type: 'T'.repeat(150), data: { long: 'y'.repeat(3000), list: range(0, 100) } }),
    )
    await scene.client.createPersistentSubscriptionToStream(stream, 'g'.repeat(80), settings())
    await scene.renew({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
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
      await scene.open(`/web/${path}`)
      expect([path, await scene.page.evaluate<number>('document.documentElement.scrollWidth')]).toEqual([
        path,
        360,
      ])
    }
    expect(await scene.page.evaluate<string>('getComputedStyle(document.body).backgroundColor')).toBe(
      'rgb(20, 23, 21)',
    )
  })

  it('without script', async () => {
    const stream = await scene.streamOf(30)
    await scene.renew({ javaScriptEnabled: false })
    await scene.openStream(stream)
    expect(await scene.page.getByText('Follow live').first().isVisible()).toBe(false)
    await scene.page.getByRole('link', { name: 'Older' }).first().click()
    expect(await scene.revisions()).toEqual(range(0, 10).toReversed())
    await scene.page.getByLabel('Revision').fill('12')
    await scene.page.getByLabel('Revision').press('Enter')
    await scene.page.waitForURL(/from=12/u)
    expect(await scene.page.locator('time').first().innerText()).toContain('UTC')
    await scene.open('/web/projections')
    await scene.page.getByRole('row', { name: '$streams' }).getByRole('button', { name: 'Disable' }).click()
    await scene.page.getByText('$streams is stopped.').waitFor()
    await scene.page.getByRole('row', { name: '$streams' }).getByRole('button', { name: 'Enable' }).click()
    await scene.page.getByText('$streams is running.').waitFor()
  })
})

type Consumer = PersistentSubscriptionToStream
type Handle = (consumer: Consumer, resolved: Parameters<Consumer['ack']>[0]) => Promise<void>

/** Handles what comes until it is told to leave: who leaves at once takes unsent answers along. */
function consumer(stream: string, handle: Handle): Consumer {
  const subscription = scene.client.subscribeToPersistentSubscriptionToStream(stream, 'handlers')
  subscription.on('data', (resolved) => {
    handle(subscription, resolved).catch((error: unknown) => scene.note(String(error)))
  })
  return subscription
}

/** Presses Tab until something with these words has the focus. */
async function tabTo(words: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await scene.page.keyboard.press('Tab')
    if ((await scene.page.evaluate<string>('document.activeElement.textContent.trim()')) === words) return
  }
  throw new Error(`Nobody gets to “${words}” by keyboard.`)
}
