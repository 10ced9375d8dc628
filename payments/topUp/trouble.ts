import type { Writer } from '../../eventstore/transact.ts'
import type { TopUpEvent } from './events.ts'
import type { TopUp } from './topUp.ts'

/** Money that is neither where the customer nor where the shop wants it: a person has to look into that. */
export type TopUpTrouble = Extract<TopUpEvent, { type: 'TopUpReturnFailed' | 'TopUpReversalFailed' }>

const isTrouble = (event: TopUpEvent): event is TopUpTrouble =>
  event.type === 'TopUpReturnFailed' || event.type === 'TopUpReversalFailed'

/** The same writer, telling of trouble when it puts some on record. */
export const tellingTrouble = (
  topUps: Writer<TopUp, TopUpEvent>,
  tell: (trouble: TopUpTrouble) => void,
): Writer<TopUp, TopUpEvent> => ({
  transact: async (id, decide, options) => {
    const outcome = await topUps.transact(id, decide, options)
    if ('events' in outcome) for (const event of outcome.events) if (isTrouble(event)) tell(event)
    return outcome
  },
})
