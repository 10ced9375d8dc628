import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_LINES, MAX_QUANTITY, Sku } from '../../domain/product.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { scenario } from '../../eventstore/scenario.ts'
import { add, cart, checkedOut, clear, remove, setQuantity } from './cart.ts'
import type { Cart } from './cart.ts'
import { by, fromCart } from './controls.ts'
import { CartItem } from './events.ts'
import type { CartEvent } from './events.ts'
import type { Items } from './items.ts'

const { fold } = scenario(cart)

type Decide = (cart: Cart) => Decision<CartEvent, unknown>

/** What somebody asks of a cart, as data; `n` makes its key. */
interface Wish {
  readonly what: 'add' | 'set' | 'remove' | 'clear'
  readonly sku: Sku
  readonly quantity: number
  readonly available: number | undefined
  readonly n: number
}

const decisionOn = ({ what, sku, quantity, available, n }: Wish): Decide => {
  const edit = by(`key ${n}`, `${what} ${quantity} ${sku}`)
  const offer = { available }
  switch (what) {
    case 'add':
      return add({ ...edit, sku, quantity, offer })
    case 'set':
      return setQuantity({ ...edit, sku, quantity, offer })
    case 'remove':
      return remove({ ...edit, sku })
    case 'clear':
      return clear(edit)
    default:
      return what satisfies never
  }
}

const play = (decisions: readonly Decide[], before: readonly CartEvent[] = []): readonly CartEvent[] => {
  const events = [...before]
  let state = fold(events)
  for (const decide of decisions) {
    const decided = decide(state)
    if (isRefusal(decided)) continue
    events.push(...decided)
    state = decided.reduce(cart.evolve, state)
  }
  return events
}

const asMap = (items: Items) => new Map(items.map(({ sku, quantity }) => [sku, quantity]))
const held = (events: readonly CartEvent[]) => asMap(fold(events).items)

const isSound = ({ items }: Cart): boolean =>
  items.length <= MAX_LINES && asMap(items).size === items.length && items.every(isItem)
const isItem = (item: unknown) => CartItem.safeParse(item).success

/** The pieces of each product together. */
const sumOf = (wishes: readonly Wish[]) => {
  const sum = new Map<Sku, number>()
  for (const { sku, quantity } of wishes) sum.set(sku, (sum.get(sku) ?? 0) + quantity)
  return sum
}

/** More than a cart may hold. */
const manySkus = fc.integer({ min: 1, max: MAX_LINES + 10 }).map((n) => Sku.parse(`sku-${n}`))
const fewSkus = fc.integer({ min: 1, max: 4 }).map((n) => Sku.parse(`sku-${n}`))
const wishes = (
  skus: fc.Arbitrary<Sku>,
  what: readonly Wish['what'][],
  quantity: fc.Arbitrary<number>,
  available: readonly Wish['available'][] = [undefined, 0, 3, 600],
) =>
  fc
    .array(
      fc.record({
        what: fc.constantFrom(...what),
        sku: skus,
        quantity,
        available: fc.constantFrom(...available),
      }),
      { maxLength: 120, size: 'max' },
    )
    .map((some) => some.map((wish, n): Wish => ({ ...wish, n })))

const anything = fc.oneof(
  wishes(manySkus, ['add', 'add', 'add', 'set', 'remove'], fc.integer({ min: -2, max: 1_100 })),
  wishes(fewSkus, ['add', 'add', 'add', 'set', 'remove', 'clear'], fc.integer({ min: -2, max: 600 })),
  wishes(manySkus, ['add'], fc.constant(1), [undefined]),
)
/** So few that two devices together stay within the bounds, whatever they do. */
const upToFour = fc.integer({ min: 1, max: 4 })
const anythingOfFew = wishes(fewSkus, ['add', 'set', 'remove', 'clear'], upToFour)
const additions = wishes(fewSkus, ['add'], upToFour, [undefined])

describe('whatever is asked of a cart', () => {
  it('it holds at most 50 products, each once, and 1 to 1,000 pieces of each', () =>
    fc.assert(
      fc.property(anything, (wishes) => {
        let state = cart.initial
        return play(wishes.map(decisionOn)).every((event) => {
          state = cart.evolve(state, event)
          return isSound(state)
        })
      }),
    ))

  it('it takes what breaks no rule, and holds what a plain account of it says', () =>
    fc.assert(
      fc.property(anything, (wishes) => {
        const account = new Map<Sku, number>()
        const takes: boolean[] = []
        for (const { what, sku, quantity, available = Infinity } of wishes) {
          const before = account.get(sku) ?? 0
          const wanted = what === 'add' ? before + quantity : quantity
          const isAmount = quantity >= 1 && wanted <= MAX_QUANTITY
          const hasPlace = before > 0 || (what === 'add' && account.size < MAX_LINES)
          const isOffered = wanted <= available || (what === 'set' && wanted <= before)
          takes.push(what === 'remove' || what === 'clear' || (isAmount && hasPlace && isOffered))
          if (what === 'clear') account.clear()
          else if (what === 'remove') account.delete(sku)
          else if (takes.at(-1)) account.set(sku, wanted)
        }
        let state = cart.initial
        const taken = wishes.map((wish) => {
          const decided = decisionOn(wish)(state)
          if (!isRefusal(decided)) state = decided.reduce(cart.evolve, state)
          return !isRefusal(decided)
        })
        expect(taken).toEqual(takes)
        expect([...asMap(state.items)]).toEqual([...account])
      }),
    ))

  it('twice is once', () =>
    fc.assert(
      fc.property(anything, (wishes) => {
        const decisions = wishes.map(decisionOn)
        expect(play(decisions.flatMap((each) => [each, each]))).toEqual(play(decisions))
      }),
    ))

  it('a request that comes again at any time later changes nothing more', () =>
    fc.assert(
      fc.property(anythingOfFew, fc.array(fc.nat(), { maxLength: 20 }), (wishes, again) => {
        const late = again.flatMap((n) => wishes[n % wishes.length] ?? [])
        const keys = play([...wishes, ...late].map(decisionOn)).flatMap(({ data }) =>
          'idempotencyKey' in data ? [data.idempotencyKey] : [],
        )
        expect(new Set(keys).size).toBe(keys.length)
      }),
    ))
})

describe('two devices that edit one cart', () => {
  /** Both devices' requests in turns: each keeps its own order. */
  const interleaved = fc
    .tuple(additions, additions, fc.infiniteStream(fc.boolean()))
    .map(([one, other, turns]) => {
      const [mine, theirs] = [[...one], other.map((wish) => ({ ...wish, n: wish.n + one.length }))]
      const all: Wish[] = []
      while (mine.length + theirs.length > 0) {
        const first = turns.next().value ? mine : theirs
        const next = first.shift() ?? mine.shift() ?? theirs.shift()
        if (next) all.push(next)
      }
      return all
    })

  it('both count, whoever comes first', () =>
    fc.assert(
      fc.property(interleaved, (wishes) => {
        expect(held(play(wishes.map(decisionOn)))).toEqual(sumOf(wishes))
      }),
    ))
})

describe('a checkout', () => {
  it('takes out what was ordered and loses nothing that was added meanwhile', () =>
    fc.assert(
      fc.property(anythingOfFew, additions, (before, meanwhile) => {
        const events = play(before.map(decisionOn))
        const { items: lines } = fold(events)
        fc.pre(lines.length > 0)
        const added = meanwhile.map((wish) => decisionOn({ ...wish, n: wish.n + before.length }))
        const left = held(play([...added, checkedOut(fromCart(1, ...lines))], events))
        expect(left).toEqual(sumOf(meanwhile))
      }),
    ))

  it('happens once for an order, whatever happens in between', () =>
    fc.assert(
      fc.property(additions, anythingOfFew, (before, between) => {
        const events = play(before.map(decisionOn))
        const { items: lines } = fold(events)
        fc.pre(lines.length > 0)
        const checkOut = checkedOut(fromCart(1, ...lines))
        const edits = between.map((wish) => decisionOn({ ...wish, n: wish.n + before.length }))
        expect(play([checkOut, ...edits, checkOut], events)).toEqual(play([checkOut, ...edits], events))
      }),
    ))
})
