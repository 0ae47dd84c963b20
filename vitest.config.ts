import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout },
});

export default defineConfig({
  test: {
    // What takes long waits for programs more than it computes, so two files at a time fit two cores.
    maxWorkers: 2,
    projects: [
      project('unit', ['test/unit/**/*.test.ts', 'test/repo/**/*.test.ts'], 10_000),
      project('integration', ['test/integration/**/*.test.ts'], 60_000),
      project('browser', ['test/browser/**/*.test.ts'], 60_000),
    ],
  },
});
