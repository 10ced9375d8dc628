/**
 * How a process that is this node alone is started: most of what it allocates lives for one commit, so a small
 * young generation costs little, and an old one that may grow by three quarters between collections keeps the memory down.
 */
export const nodeFlags = ['--max-semi-space-size=8', '--heap-growing-percent=75'] as const
