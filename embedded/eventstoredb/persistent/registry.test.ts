import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { MemoryFiles } from '../log/files/memory-files.ts'
import type { Consumer } from './group-harness.ts'
import { configOf, join, startBench, until, type Bench } from './registry-harness.ts'
import { checkpointStream, configStream, parkedStream, type GroupConfig } from './settings.ts'

let bench: Bench
beforeEach(async () => {
  bench = await startBench()
})
afterEach(() => bench.stop())

const statusOf = (config: GroupConfig): string | undefined => bench.groups.get(config)?.status
const checkpointOf = (config: GroupConfig): string | undefined =>
  bench.groups.get(config)?.running?.checkpoint

async function ackAll(config: GroupConfig, client: Consumer, count: number): Promise<void> {
  await vi.waitFor(() => expect(client.held).toHaveLength(count))
  for (const id of client.held) bench.groups.get(config)?.ack(client, [id])
}

describe('a change of the configuration', () => {
  it('takes place only once it is written', async () => {
    const config = configOf('s')
    const repair = bench.failWritesTo((stream) => stream === configStream)
    await expect(bench.groups.create(config, 'ops')).rejects.toThrow('no space left')
    expect(bench.groups.get(config)).toBeUndefined()
    repair()
    expect(await bench.groups.create(config, 'ops')).toBe(true)
    expect(await bench.groups.create(config, 'ops')).toBe(false)
  })

  it('that fails leaves the group and its clients as they were', async () => {
    const config = configOf('s')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    const repair = bench.failWritesTo((stream) => stream === configStream)
    await expect(bench.groups.update(configOf('s', { maxRetryCount: 3 }), 'ops')).rejects.toThrow('no space')
    expect(bench.groups.get(config)?.config.settings.maxRetryCount).toBe(10)
    expect(client.partings).toEqual([])
    repair()
    await bench.groups.update(configOf('s', { maxRetryCount: 3 }), 'ops')
    expect(bench.groups.get(config)?.config.settings.maxRetryCount).toBe(3)
    expect(client.partings).toEqual([{ kind: 'dropped' }])
  })

  it('names who made it', async () => {
    await bench.groups.create(configOf('s'), 'ops')
    const stored = bench.streams.last(configStream)
    expect(JSON.parse(String(stored?.body.data))).toMatchObject({ version: '2', updatedBy: 'ops' })
    expect(stored?.type).toBe('$PersistentConfig')
  })

  it('of a group that is deleted while it is made comes to nothing', async () => {
    const config = configOf('s')
    const [created, removed] = await Promise.all([
      bench.groups.create(config, 'ops'),
      bench.groups.remove(config, 'ops'),
    ])
    expect([created, removed]).toEqual([true, true])
    expect(bench.groups.get(config)).toBeUndefined()
  })
})

describe('a configuration that can not be read', () => {
  it('means no groups, and why, until it is right again', async () => {
    await bench.groups.create(configOf('s'), 'ops')
    const good = bench.streams.last(configStream)?.body.data.toString() ?? ''
    await bench.append(configStream, 'garbage')
    await bench.groups.restart()
    expect(bench.groups.failure).toMatch(configStream)
    expect(bench.groups.all()).toEqual([])
    expect(bench.reports).toHaveLength(1)
    await bench.appendJson(configStream, good)
    await bench.groups.restart()
    expect(bench.groups.failure).toBeUndefined()
    expect(bench.groups.all()).toHaveLength(1)
  })
})

describe('a checkpoint that can not be written', () => {
  it('is not taken as done, is seen in the status, reported once, and written at a later tick', async () => {
    const config = configOf('s')
    await bench.append('s', 'a', 'b')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    const repair = bench.failWritesTo((stream) => stream === checkpointStream(config))
    await ackAll(config, client, 2)
    bench.groups.get(config)?.tick()
    expect(checkpointOf(config)).toBe('')
    expect(statusOf(config)).toMatch(/^Live, .*no space left$/u)
    expect(bench.reports).toHaveLength(1)
    repair()
    bench.groups.get(config)?.tick()
    await vi.waitFor(() => expect(checkpointOf(config)).toBe('1'))
    expect(statusOf(config)).toBe('Live')
  })
})

describe('a message that can not be parked', () => {
  it('stays outstanding, keeps the checkpoint before it, and is parked at a later tick', async () => {
    const config = configOf('s')
    await bench.append('s', 'a', 'b')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    await vi.waitFor(() => expect(client.inFlight).toBe(2))
    const [first, second] = client.held
    const repair = bench.failWritesTo((stream) => stream === parkedStream(config))
    bench.groups.get(config)?.nack(client, [first ?? ''], 'park', 'no')
    bench.groups.get(config)?.ack(client, [second ?? ''])
    expect(statusOf(config)).toMatch(/no space left$/u)
    expect(bench.groups.get(config)?.running?.consumers.outstandingCount).toBe(1)
    expect(checkpointOf(config)).toBe('')
    repair()
    bench.groups.get(config)?.tick()
    await vi.waitFor(() => expect(checkpointOf(config)).toBe('1'))
    expect(bench.groups.get(config)?.running?.parked.count).toBe(1)
    expect(statusOf(config)).toBe('Live')
  })
})

describe('a log that can not be read', () => {
  it('stops the group that reads there, with the reason, and no other', async () => {
    const [broken, sound] = [configOf('broken'), configOf('sound')]
    await bench.append('broken', 'a')
    await bench.append('sound', 'a')
    bench.streams.broken.add('broken')
    for (const config of [broken, sound]) await bench.groups.create(config, 'ops')
    await vi.waitFor(() => expect(statusOf(broken)).toBe('NotReady, The log is damaged in broken.'))
    expect(bench.reports).toEqual(['Consumer group broken::g has stopped: The log is damaged in broken.'])
    const client = join(bench, sound)
    await vi.waitFor(() => expect(client.inFlight).toBe(1))
    bench.streams.broken.clear()
    await bench.groups.restart()
    await vi.waitFor(() => expect(statusOf(broken)).toBe('Live'))
  })

  it('is told to the clients of the group', async () => {
    const config = configOf('s')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    bench.streams.broken.add(parkedStream(config))
    await bench.append(parkedStream(config), '$>')
    bench.groups.get(config)?.replayParked(undefined)
    await vi.waitFor(() => expect(client.partings).toMatchObject([{ kind: 'failed' }]))
  })

  it('nor a checkpoint that is none: the group stands still rather than start anywhere', async () => {
    const config = configOf('s')
    await bench.append(checkpointStream(config), 'garbage')
    await bench.groups.create(config, 'ops')
    expect(statusOf(config)).toMatch(/^NotReady, The checkpoint in .* is no position\.$/u)
  })
})

describe('deleting a group', () => {
  it('leaves nothing that a later one of that name would find', async () => {
    const config = configOf('s')
    await bench.append('s', 'a', 'b')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    await ackAll(config, client, 2)
    await vi.waitFor(() => expect(checkpointOf(config)).toBe('1'))
    await bench.groups.remove(config, 'ops')
    bench.groups.get(config)?.ack(client, client.held)
    expect(client.partings).toEqual([{ kind: 'dropped' }])
    await bench.groups.create(config, 'ops')
    expect(checkpointOf(config)).toBe('')
    const again = join(bench, config)
    await vi.waitFor(() => expect(again.inFlight).toBe(2))
  })

  it('while its checkpoint is being written doesn’t bring the checkpoint back', async () => {
    const config = configOf('s')
    await bench.append('s', 'a', 'b')
    await bench.groups.create(config, 'ops')
    const client = join(bench, config)
    await vi.waitFor(() => expect(client.inFlight).toBe(2))
    const [first, second] = client.held
    bench.groups.get(config)?.ack(client, [first ?? ''])
    bench.groups.get(config)?.ack(client, [second ?? ''])
    await bench.groups.remove(config, 'ops')
    await new Promise<void>((resolve) => bench.log.whenDurable(resolve))
    expect(bench.streams.last(checkpointStream(config))).toBeUndefined()
  })
})

describe('started again on the same log', () => {
  it('has its groups, which go on after their checkpoints', async () => {
    const files = new MemoryFiles()
    const config = configOf('s', { startFrom: 'start' })
    const first = await startBench(files)
    await first.append('s', 'a', 'b', 'c')
    await first.groups.create(config, 'ops')
    const client = join(first, config)
    await vi.waitFor(() => expect(client.inFlight).toBe(3))
    for (const id of client.held.slice(0, 2)) first.groups.get(config)?.ack(client, [id])
    await vi.waitFor(() => expect(first.groups.get(config)?.running?.checkpoint).toBe('1'))
    await first.stop()
    const second = await startBench(files)
    const again = join(second, config)
    await vi.waitFor(() => expect(again.inFlight).toBe(1))
    await second.stop()
  })
})

describe('a consumer that takes its time', () => {
  it('costs no more than its buffers, however far behind the group is', async () => {
    const config = configOf('s', { historyBufferSize: 100, liveBufferSize: 30, readBatchSize: 10 })
    const types = Array.from({ length: 5000 }, (_, n) => `t${n}`)
    await bench.append('s', ...types)
    await bench.groups.create(config, 'ops')
    const client = join(bench, config, 1)
    await vi.waitFor(() => expect(client.held).toHaveLength(1))
    await bench.append('s', ...types)
    const running = bench.groups.get(config)?.running
    expect(running?.consumers.waitingCount).toBeLessThanOrEqual(100)
    expect(running?.liveBufferCount).toBe(30)
    expect(running?.status).toBe('Behind')
    for (let next = 0; next < 10_000; next += 1) {
      await until(() => client.held.length > next, `message ${next} has come`)
      bench.groups.get(config)?.ack(client, [client.held[next] ?? ''])
    }
    expect(new Set(client.held).size).toBe(10_000)
    await vi.waitFor(() => expect(running?.status).toBe('Live'))
    await vi.waitFor(() => expect(running?.checkpoint).toBe('9999'))
  })

  it('with a window larger than the history buffer still gets all of it filled', async () => {
    const config = configOf('s', { historyBufferSize: 21 })
    await bench.append('s', ...Array.from({ length: 1000 }, (_, n) => `t${n}`))
    await bench.groups.create(config, 'ops')
    const client = join(bench, config, 900)
    await vi.waitFor(() => expect(client.inFlight).toBe(900))
  })
})
