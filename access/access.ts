import type { Leave } from '../service/topic.ts'
import { byHeader } from './viewer.ts'
import type { Authenticate, Viewer } from './viewer.ts'

/** Who is asking, and for how long they may. */
export interface Access {
  readonly mode: 'header' | 'jwt'
  readonly authenticate: Authenticate
  /**
   * For what lasts longer than a request. Tells once when somebody's access is over, and why: their token has
   * expired, or was revoked. Tells nobody who has left.
   */
  readonly onceOver: (viewer: Viewer, tell: (why: string) => void) => Leave
}

/** `AUTH_MODE=header`: whoever the gateway lets in stays as long as the gateway lets them. */
export const headerAccess: Access = {
  mode: 'header',
  authenticate: byHeader,
  onceOver: () => () => undefined,
}
