import { requireOperations, requireStream } from '../http/guard.ts'
import { isAnonymous, type Access, type Principal } from '../security/access.ts'

/** Who looks at a page, and what they may see. */
export class Viewer {
  readonly principal: Principal
  readonly #access: Access

  constructor(principal: Principal, access: Access) {
    this.principal = principal
    this.#access = access
  }

  get isAnonymous(): boolean {
    return isAnonymous(this.principal)
  }

  /** The name to show, where names mean anything. */
  get name(): string | undefined {
    return this.#access.enabled && !this.isAnonymous ? this.principal.name : undefined
  }

  mayRead(stream: string): boolean {
    return this.#access.allowsStream(this.principal, 'read', stream)
  }

  get mayOperate(): boolean {
    return this.#access.allowsOperations(this.principal)
  }

  mustRead(stream: string): void {
    requireStream(this.#access, this.principal, 'read', stream)
  }

  mustReadMetadata(stream: string): void {
    requireStream(this.#access, this.principal, 'read metadata', stream)
  }

  mustOperate(): void {
    requireOperations(this.#access, this.principal)
  }
}
