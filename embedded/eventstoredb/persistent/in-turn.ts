import type { GroupClient } from './client.ts'
import type { Strategy } from './strategy.ts'

/**
 * The first client in line that can take a message. Who can't goes to the end of the line; with round-robin so
 * does who has just been served.
 */
export class InTurn implements Strategy {
  readonly name: string
  readonly blocks = true
  readonly #afterEach: boolean
  #line: GroupClient[] = []

  constructor(name: string, { afterEach }: { afterEach: boolean }) {
    this.name = name
    this.#afterEach = afterEach
  }

  join(client: GroupClient): void {
    this.#line.push(client)
  }

  leave(client: GroupClient): void {
    this.#line = this.#line.filter((other) => other !== client)
  }

  choose(): GroupClient | undefined {
    const index = this.#line.findIndex((client) => client.ready)
    if (index === -1) return undefined
    const passed = this.#afterEach ? index + 1 : index
    const chosen = this.#line[index]
    if (passed > 0 && this.#line.length > 1) this.#line.push(...this.#line.splice(0, passed))
    return chosen
  }
}
