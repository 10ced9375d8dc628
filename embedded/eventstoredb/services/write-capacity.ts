import { Code, refuse } from '../grpc/status.ts'
import type { EventLog } from '../log/event-log.ts'

/** Bytes that may wait for the disk before a call with more to write is sent away. */
const maxBacklog = 64 * 1024 * 1024

/**
 * Calls with one write each can't be slowed down, so what they bring is limited by turning them away while the
 * disk is behind. The client may try again.
 */
export function demandCapacity(log: Pick<EventLog, 'backlog'>): void {
  if (log.backlog > maxBacklog) refuse(Code.unavailable, 'The server is too busy: try again later.')
}
