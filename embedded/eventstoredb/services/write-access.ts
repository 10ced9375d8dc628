import type { Access, Principal } from '../security/access.ts'

/** Who may write to a stream, or delete it. `$all` is no stream to write to: nobody may, whatever else they may do. */
export const allowsChange = (
  access: Pick<Access, 'allowsStream'>,
  principal: Principal,
  operation: 'write' | 'delete',
  stream: string,
): boolean => stream !== '$all' && access.allowsStream(principal, operation, stream)
