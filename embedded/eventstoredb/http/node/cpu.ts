const shortestMs = 500

/** How busy the process has been between the last two times that somebody asked, in percent of one processor. */
export class CpuMeter {
  #usage = process.cpuUsage()
  #at = performance.now()
  #percent = 0

  percent(): number {
    const now = performance.now()
    const elapsed = now - this.#at
    // Asked too often there would be hardly anything to measure.
    if (elapsed < shortestMs) return this.#percent
    const { user, system } = process.cpuUsage(this.#usage)
    this.#percent = (user + system) / 10 / elapsed
    this.#usage = process.cpuUsage()
    this.#at = now
    return this.#percent
  }
}
