import fc from 'fast-check'

import type { Expected } from './model.ts'

/** What is done to the streams of one run, as data: a failing run can be shrunk, and read. */
export type Command =
  | { readonly kind: 'append'; readonly writes: readonly Write[] }
  | {
      readonly kind: 'resend'
      /** Which of the earlier writes, counted around. */
      readonly earlier: number
      readonly drop: number
      readonly keep: number
      readonly fresh: number
      readonly expected: Wish | 'as before'
      readonly elsewhere: boolean
    }
  | { readonly kind: 'delete' | 'tombstone'; readonly stream: number; readonly expected: Wish }
  | {
      readonly kind: 'metadata'
      readonly stream: number
      readonly maxCount: number
      readonly truncate: number
    }
  | {
      readonly kind: 'read'
      readonly stream: number
      readonly from: number | 'end'
      readonly count: number
      readonly direction: 'forwards' | 'backwards'
    }
  | { readonly kind: 'read all'; readonly direction: 'forwards' | 'backwards' }
  | { readonly kind: 'restart' }

export interface Write {
  readonly stream: number
  readonly expected: Wish
  readonly count: number
}

/** An expected revision, given or relative to the last one when its turn comes. */
export type Wish = Exclude<Expected, number> | { readonly fromLast: number }

export const streamsInRun = 3

/**
 * Whether a stream knows an id again that has also been sent to another stream, later. A real node may remember each
 * id once, with the last stream that has it.
 */
const manyStreamsShareIds = process.env['EVENTSTORE_URL'] === undefined

const stream = fc.nat({ max: streamsInRun - 1 })
const wish: fc.Arbitrary<Wish> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Wish>('any', 'no_stream', 'stream_exists') },
  { weight: 3, arbitrary: fc.constant<Wish>({ fromLast: 0 }) },
  { weight: 2, arbitrary: fc.integer({ min: -3, max: 2 }).map((fromLast): Wish => ({ fromLast })) },
)
const write = fc.record({ stream, expected: wish, count: fc.nat({ max: 3 }) })
const direction = fc.constantFrom('forwards', 'backwards')

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append'),
      writes: fc.array(write, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('resend'),
      earlier: fc.nat({ max: 20 }),
      drop: fc.constantFrom(0, 0, 0, 1, 2),
      keep: fc.constantFrom(3, 3, 3, 2, 1),
      fresh: fc.constantFrom(0, 0, 0, 1),
      expected: fc.oneof({ weight: 3, arbitrary: fc.constant('as before') }, { weight: 2, arbitrary: wish }),
      elsewhere: manyStreamsShareIds ? fc.constantFrom(false, false, false, true) : fc.constant(false),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete'), stream, expected: wish }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('tombstone'), stream, expected: wish }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('metadata'),
      stream,
      maxCount: fc.integer({ min: -1, max: 4 }),
      truncate: fc.integer({ min: -1, max: 8 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('read'),
      stream,
      from: fc.oneof(fc.nat({ max: 10 }), fc.constant('end')),
      count: fc.integer({ min: 1, max: 12 }),
      direction,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read all'), direction }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart') }) },
)

export const commands = fc.array(command, { minLength: 5, maxLength: 40, size: 'max' })
