import type { ServerLoad } from '../../grpc/server.ts'
import type { Member } from '../../services/gossip.ts'

/** What a node knows of itself. */
export interface About {
  readonly version: string
  readonly startedAt: Date
  readonly now: () => number
  readonly member: Member
  /** Directory of the data, if it is kept. */
  readonly db: string | undefined
  readonly secure: boolean
  readonly projections: boolean
  readonly isReady: () => boolean
  readonly load: () => ServerLoad
}
