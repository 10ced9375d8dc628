import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { newIdentity } from './secure-server.ts'
import { connect, newStream, noted, until } from './server.ts'
import { patience, Scene } from './web-browser.ts'

const scene = new Scene()

/** Attempts to come back while there is no node. */
const whileAway = /ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/u

describe('following live', { timeout: patience }, () => {
  it('puts new events on top, counts those that come while paused, and goes on with them', async () => {
    const stream = await scene.streamOf(2)
    await scene.openStream(stream)
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await scene.append(stream, 'note 2', 'note 3')
    await until(async () => (await scene.revisions()).join(' ') === '3 2 1 0', 'new events are on top')
    await until(async () => (await scene.followState()) === 'Following · 2 new', 'it says how many came')
    expect(await scene.page.locator('.event').first().innerText()).toContain('note 3')
    await scene.page.getByRole('button', { name: 'Pause' }).click()
    await scene.append(stream, 'note 4', 'note 5', 'note 6')
    await until(async () => (await scene.followState()) === 'Paused · 3 new', 'it counts while it is paused')
    expect(await scene.revisions()).toEqual([3, 2, 1, 0])
    await scene.page.getByRole('button', { name: 'Go on' }).click()
    expect(await scene.revisions()).toEqual([6, 5, 4, 3, 2, 1, 0])
  })

  it('begins with a stream that is not there yet, and ends with its tombstone', async () => {
    scene.bear(/404/u)
    const stream = newStream()
    await scene.openStream(stream)
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await scene.append(stream, 'first')
    await until(async () => (await scene.revisions()).join(' ') === '0', 'the first event is there')
    await scene.client.tombstoneStream(stream)
    await until(async () => (await scene.followState()) === 'The stream was deleted for good.', 'it says so')
    expect(await scene.page.getByRole('button', { name: 'Follow live' }).isDisabled()).toBe(true)
  })

  it('follows $all, without system events if they are not wanted', async () => {
    await scene.open('/web/all?system=hide')
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    const stream = await scene.streamOf(1)
    await scene.client.setStreamMetadata(stream, { maxCount: 5 })
    await scene.append(stream, 'last')
    await until(
      async () =>
        (await scene.page.locator('.event .stream').first().innerText()) === stream &&
        (await scene.revisions())[0] === 1,
      'the newest event is on top',
    )
    expect(await scene.page.locator('.event .type').allTextContents()).not.toContain('$metadata')
  })

  it('comes back after a restart of the node, and has missed nothing', async () => {
    scene.bear(whileAway)
    const db = await mkdtemp(join(tmpdir(), 'web-test-'))
    const first = await EventStoreDBNode.start({ db })
    const before = connect(first.connectionString)
    const stream = newStream()
    await before.appendToStream(stream, noted('note 0'))
    await scene.open(`/web/streams/${stream}`, first)
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await before.appendToStream(stream, noted('note 1'))
    await until(async () => (await scene.revisions()).join(' ') === '1 0', 'it follows')
    void before.dispose()
    await first.stop()
    await until(
      async () => (await scene.followState()).startsWith('Disconnected, trying again…'),
      'it says so',
    )
    const second = await EventStoreDBNode.start({ db, port: first.port })
    const after = connect(second.connectionString)
    await after.appendToStream(stream, [noted('note 2'), noted('note 3')])
    await until(async () => (await scene.revisions()).join(' ') === '3 2 1 0', 'it has caught up', 30_000)
    await until(async () => (await scene.followState()).startsWith('Following'), 'it says that it follows')
    void after.dispose()
    await second.stop()
    await rm(db, { recursive: true, force: true })
  })

  it('is told when the node has another database, and asks for the page again', async () => {
    scene.bear(whileAway)
    const first = await EventStoreDBNode.start()
    await scene.open('/web/all', first)
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await until(async () => (await scene.followState()) === 'Following', 'it follows')
    await first.stop()
    const second = await EventStoreDBNode.start({ port: first.port })
    await until(async () => (await scene.followState()).includes('another database'), 'it says so', 30_000)
    await second.stop()
  })

  it('goes through TLS, for who has logged in', async () => {
    const secure = await EventStoreDBNode.start({ auth: true, tls: await newIdentity() })
    await scene.renew({
      ignoreHTTPSErrors: true,
      httpCredentials: { username: 'admin', password: 'changeit' },
    })
    await scene.page.goto(`https://${secure.host}:${secure.port}/web/streams/%24users`)
    await scene.page.getByText('logged in as admin').waitFor()
    await scene.page.getByRole('button', { name: 'Follow live' }).click()
    await until(async () => (await scene.followState()) === 'Following', 'it follows')
    await scene.renew()
    await secure.stop()
  })
})
