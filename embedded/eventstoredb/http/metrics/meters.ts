import type { EventLog } from '../../log/event-log.ts'
import type { EventRecord } from '../../log/event-record.ts'

interface Amount {
  events: number
  bytes: number
}

/** What the node has done since it was started, counted where it is done: plain numbers, read only when asked. */
export class Meters {
  readonly written: Amount = { events: 0, bytes: 0 }
  readonly read: Amount = { events: 0, bytes: 0 }
  readonly calls = new Map<string, number>()
  commits = 0
  /** Called with how long each commit took, in seconds. */
  onCommit: (seconds: number) => void = () => undefined

  /** Counts what is written. Returns how to stop. */
  watch(log: Pick<EventLog, 'onCommit'>, now: () => number): () => void {
    return log.onCommit((records) => {
      this.commits += 1
      add(this.written, records)
      const [first] = records
      // The first one has waited longest. Clocks may be set back while it does.
      if (first !== undefined) this.onCommit(Math.max(0, now() - first.body.createdMs) / 1000)
    })
  }

  countRead(records: readonly EventRecord[]): void {
    add(this.read, records)
  }

  countCall(method: string): void {
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
  }
}

function add(amount: Amount, records: readonly EventRecord[]): void {
  amount.events += records.length
  for (const record of records) amount.bytes += record.framed.length
}
