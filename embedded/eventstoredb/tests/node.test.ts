import {
  EventStoreDBClient,
  persistentSubscriptionToStreamSettingsFromDefaults as settings,
  START,
} from '@eventstore/db-client'
import { expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { consume } from './consuming.ts'
import { connect, newStream, noted, notesIn } from './server.ts'

it('is found by gossip', async () => {
  const node = await EventStoreDBNode.start()
  const endpoint = { address: node.host, port: node.port }
  const client = new EventStoreDBClient({ endpoints: [endpoint, endpoint] }, { insecure: true })
  const stream = newStream()
  await client.appendToStream(stream, noted('a'))
  expect(await notesIn(client, stream)).toEqual(['a'])
  void client.dispose()
  await node.stop()
})

it('says plainly what it does not have', async () => {
  const node = await EventStoreDBNode.start({ projections: false })
  const client = connect(node.connectionString)
  await expect(client.getProjectionStatus('$by_category')).rejects.toThrow(/UNIMPLEMENTED/u)
  void client.dispose()
  await node.stop()
})

it('lets clients reconnect after a stop, to a node on the same port', async () => {
  const first = await EventStoreDBNode.start()
  const client = connect(first.connectionString)
  const stream = newStream()
  const subscription = client.subscribeToStream(stream)
  const dropped = new Promise((resolve) => subscription.once('error', resolve))
  subscription.resume()
  await new Promise((resolve) => subscription.once('caughtUp', resolve))
  await client.appendToStream(stream, noted('a'))
  await first.stop()
  expect(await dropped).toMatchObject({ type: 'unavailable' })
  const second = await EventStoreDBNode.start({ port: first.port })
  await expect(client.appendToStream(stream, noted('b'))).resolves.toMatchObject({ success: true })
  void client.dispose()
  await second.stop()
})

it('starts all groups anew when asked to, and drops their clients', async () => {
  const node = await EventStoreDBNode.start()
  const client = connect(node.connectionString)
  const stream = newStream()
  await client.createPersistentSubscriptionToStream(stream, 'g', settings({ startFrom: START }))
  const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
  const dropped = new Promise((resolve) => consumer.once('error', resolve))
  consumer.resume()
  await new Promise((resolve) => consumer.once('confirmation', resolve))
  await client.restartPersistentSubscriptionSubsystem()
  expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
  await client.appendToStream(stream, noted('a'))
  expect(await consume(client.subscribeToPersistentSubscriptionToStream(stream, 'g'), 1)).toEqual(['a'])
  void client.dispose()
  await node.stop()
})
