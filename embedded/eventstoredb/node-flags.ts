/**
 * How a process that is this node alone is started: most of what it allocates lives for one commit, so a small
 * young generation costs nothing and keeps the memory down.
 */
export const nodeFlags = ['--max-semi-space-size=4'] as const
