import { parkedStream, type GroupName } from '../../persistent/settings.ts'
import type { NodeContext } from '../../services/context.ts'
import { streamSource } from '../feeds/stream-source.ts'
import type { FeedSource } from '../feeds/source.ts'
import { requireOperations } from '../guard.ts'

const nothing = { kind: 'page', records: [], atStart: true, full: false } as const

/** The messages that a group has put aside, for who looks after groups. */
export function parkedSource(context: NodeContext, name: GroupName): FeedSource {
  const source = streamSource(context, parkedStream(name))
  return {
    ...source,
    title: `Parked messages of group '${name.group}' on stream '${name.stream}'`,
    path: `/subscriptions/viewparkedmessages/${encodeURIComponent(name.stream)}/${encodeURIComponent(name.group)}`,
    demand: (principal) => requireOperations(context.access, principal),
    read: async (request) => {
      const page = await source.read(request)
      return page.kind === 'missing' ? nothing : page
    },
  }
}
