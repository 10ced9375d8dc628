/** Is told how the folding goes. */
export interface RunnerObserver {
  /** A batch is written: how many events, up to where, and when the newest of them was decided. */
  wrote(events: number, position: bigint, newest: Date | undefined): void
  /** MongoDB or EventStoreDB failed in passing; it is tried again. */
  retried(fault: unknown): void
  /** A projection can't go on; the others do. */
  stopped(projection: string, fault: unknown): void
  /** A projection has its indexes, and keeps up with the log from now on. */
  keepsUp?(projection: string): void
  /** A projection that had stopped is as new as the others again. */
  resumed?(projection: string): void
  /** This process folds from now on (true), or another one may (false). */
  leads?(leads: boolean): void
}
