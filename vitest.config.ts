import { defineConfig } from 'vitest/config'

// One file at a time per core: the end-to-end tests start whole systems and want the machine to themselves.
export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
