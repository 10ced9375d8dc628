import { z } from 'zod'
import { eventTypes } from '../books/records.ts'
import type { EventType } from '../books/records.ts'
import { tamperings } from '../store/outbox.ts'
import type { Delivery, Outbox } from '../store/outbox.ts'

const share = z.number().min(0).max(1)
const ms = z.int().min(0).max(600_000)

/** What is to be done to deliveries, in shares of all events, or of those of some types. */
export const Mischief = z.strictObject({
  seed: z.int().default(1),
  types: z.array(z.enum(eventTypes)).optional(),
  /** Sent a second time. */
  duplicate: share.default(0),
  /** Sent up to so much later. */
  delay: z.strictObject({ share, upTo: ms }).optional(),
  /** Within windows of so many milliseconds the newest goes first. */
  reorder: ms.default(0),
  /** Not sent before it is let go. */
  withhold: share.default(0),
  /** Accompanied by one that isn't to be believed. */
  tamper: share.default(0),
})
export type Mischief = z.infer<typeof Mischief>
export type MischiefWishes = z.input<typeof Mischief>

/** A copy comes that much later at the most. */
const COPY_WITHIN = 500

/** Where a moment comes to lie when time runs backwards within each window, one window later. */
const mirrored = (at: number, window: number): number => {
  const end = at - (at % window) + window
  return end + (end - at)
}

/** Puts an event on its way, with all that is to happen to it there. */
export const scheduling = (mischief: Mischief, random: () => number) => {
  const { types, duplicate, delay, reorder, withhold, tamper } = mischief
  return (outbox: Outbox, event: string, type: EventType, now: number): void => {
    const delivery: Delivery = { event, failures: 0, copy: false }
    if (types && !types.includes(type)) return outbox.add(delivery, now)
    const late = delay && random() < delay.share ? Math.floor(random() * delay.upTo) : 0
    const due = reorder > 0 ? mirrored(now + late, reorder) : now + late
    if (random() < withhold) outbox.withhold(delivery)
    else outbox.add(delivery, due, reorder > 0)
    if (random() < duplicate)
      outbox.add({ ...delivery, copy: true }, due + Math.floor(random() * COPY_WITHIN))
    const tampering = tamperings[Math.floor(random() * tamperings.length)]
    if (random() < tamper && tampering) outbox.add({ ...delivery, copy: true, tampering }, due)
    return undefined
  }
}
