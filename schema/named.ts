import { TokenKind } from 'graphql'
import type { ASTNode } from 'graphql'

/** The name of the field or argument that a literal value is written for: the token before its colon. */
export const nameBefore = (node: ASTNode | undefined): string | undefined => {
  if (!node?.kind.endsWith('Value')) return undefined
  const before = node.loc?.startToken.prev
  return before?.kind === TokenKind.COLON ? before.prev?.value : undefined
}

/** The message, with the name of the field where the value is a literal in the document. */
export const naming = (node: ASTNode | undefined, message: string): string => {
  const name = nameBefore(node)
  return name === undefined ? message : `${name}: ${message}`
}
