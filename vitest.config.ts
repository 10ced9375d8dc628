import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'

// One file at a time per core: the end-to-end tests start whole systems and want the machine to themselves.
export default defineConfig({
  // The libraries load GraphQL as Node does; loaded a second time, as bundlers do, its types would not be theirs.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A condition that comes about at all counts, however busy the machine is.
    expect: { poll: { timeout: 15_000 } },
    // Processes that tests start are up in half the time when they need not compile everything again.
    env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, 'node_modules/.cache/compiled') },
    pool: 'forks',
    maxWorkers: 2,
  },
})
