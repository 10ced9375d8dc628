import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { minutesAfterNoon, noon } from '../domain/controls.ts'
import { startEventStore } from '../tests/startEventStore.ts'
import { counter } from './counter.ts'
import { decideOnce, newestAbout } from './decideOnce.ts'
import { begin } from './metadata.ts'
import { streamOf } from './stream.ts'
import { noVerdicts, verdictOn } from './verdicts.ts'
import type { Searched } from './verdicts.ts'

const matter = { id: 'a matter', at: noon.toISOString() }
interface Verdict {
  readonly granted: boolean
}

/** A state that forgets once more before each of the first tries. */
const forgetting = (times: number) => {
  let forgettings = 0
  const state = () => ({ ...noVerdicts<Verdict>(), forgottenUpTo: matter.at, forgettings })
  return async (searched: Searched<Verdict> | undefined) => {
    if (forgettings < times) forgettings++
    const at = { state: state(), revision: 0, position: 0n }
    return verdictOn(state(), matter, searched).known === 'FORGOTTEN'
      ? { ...at, refused: { code: 'FORGOTTEN', forgettings } as const }
      : { ...at, events: [] }
  }
}

const asking = (times: number, found: Verdict | undefined) => ({
  decide: forgetting(times),
  known: (state: ReturnType<typeof noVerdicts<Verdict>>, searched: Searched<Verdict> | undefined) =>
    verdictOn(state, matter, searched),
  search: async () => found,
})

describe('a matter that may have been forgotten', () => {
  it('has the verdict that a search finds', async () =>
    expect(await decideOnce(asking(1, { granted: false }))).toEqual({ granted: false }))

  it('is searched for again when more was forgotten during the search', async () =>
    expect(await decideOnce(asking(3, { granted: false }))).toEqual({ granted: false }))

  it('is given up, without a verdict, when every search is out of date', () =>
    expect(decideOnce(asking(Infinity, { granted: false }))).rejects.toMatchObject({ name: 'Contended' }))

  it('is a defect if it is decided, and not known even then', () =>
    expect(decideOnce(asking(1, undefined))).rejects.toThrow(/impossible/))
})

describe('the newest event about a matter', async () => {
  const { client } = await startEventStore()
  const id = randomUUID()
  const stream = streamOf(counter, id)
  const appended = async (total: number, at: Date) => {
    const event = { type: 'Counted', data: { by: total, total } } as const
    const encoded = counter.codec.encode(event, randomUUID(), at, begin('request', 'somebody'))
    await client.appendToStream(stream.name, encoded)
  }
  const counting = (total: number, cameUpAt: Date) =>
    newestAbout(client, stream, cameUpAt.toISOString(), ({ data }) => data.total === total)

  it('is looked for as far back as the matter is old, and an hour more', async () => {
    await appended(1, noon)
    await appended(2, minutesAfterNoon(50))
    await appended(3, minutesAfterNoon(200))
    expect(await counting(2, minutesAfterNoon(100))).toMatchObject({ data: { total: 2 } })
    expect(await counting(1, minutesAfterNoon(100))).toMatchObject({ data: { total: 1 } })
    expect(await counting(1, minutesAfterNoon(120))).toBeUndefined()
    expect(await counting(4, noon)).toBeUndefined()
  })
})
