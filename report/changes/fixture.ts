/** Changes under load for tests of reports. */
import type { ChangesRun } from './run.ts'

const spread = (median: number) => ({ median, least: median / 2, most: median * 2 })

const common = {
  what: 'model',
  startedAt: '2026-01-02T03:04:05.000Z',
  command: 'npx inference-gap changes model --clients 1,20',
  machine: { system: 'Linux', processor: 'one & only', cores: 2, memory: 4e9 },
  how: [{ address: 'DATABASE_URL', how: 'deployed' }],
  rounds: 5,
  seconds: 3,
  keys: 1000,
}

export const run: ChangesRun = {
  ...common,
  takeover: ['database', 'service'].flatMap((key, index) =>
    [1, 20].map((clients) => ({
      ...{ key, clients, rounds: 5, unseen: 0 },
      orderMs: spread(2),
      firstNewMs: spread(3 + 100 * index),
      lastOldMs: spread(1 + 100 * index),
      p50Ms: spread(0.2),
      longestMs: spread(40),
      p99AfterToBefore: { median: 1.5, low: 1.25, high: 2, pairs: 5 },
      answers: { old: 12_345, new: 6789, neither: 0, failed: 0 },
    })),
  ),
  moments: ['database', 'service'].flatMap((key) =>
    [1, 20].flatMap((clients) =>
      [-25, 25, 75].map((ms) => ({ key, clients, ms, p50Ms: 0.2, longestMs: 4, shareNew: ms > 0 ? 1 : 0 })),
    ),
  ),
}

export const features: ChangesRun = {
  ...common,
  what: 'features',
  writes: ['database', 'service'].flatMap((key) =>
    [0, 100].map((due) => ({
      ...{ key, clients: 20, due, made: 0.99 * due, tps: 5000, p50Ms: 0.2, p99Ms: 0.9 },
      ...(due > 0 && {
        writeMs: 1.5,
        p50Ratio: { median: 1.25, low: 1.125, high: 1.5, pairs: 5 },
        p99Ratio: { median: 2, low: 1.5, high: 2.5, pairs: 5 },
      }),
      ...{ oldestMs: due / 50, stale: 0, answers: 10_000, neither: 0, failed: 0 },
    })),
  ),
}
