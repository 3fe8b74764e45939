/** A comparison at several distances for tests of reports. */
import type { DistanceRow } from '../../gap/distance.ts'
import type { DistanceRun } from './run.ts'

const ratio = (median: number, low: number, high: number) => ({ median, low, high, pairs: 6 })
const row = { addedMs: 2, meanMs: 1, clients: 1 }

const rows: DistanceRow[] = [
  {
    ...{ ...row, roundTripMs: 0, side: 'database', tps: 1000, p50Ms: 1 },
    gap: { tps: ratio(5, 4.5, 5.5), mean: ratio(4.8, 4.2, 5.4), p50: ratio(4, 3.5, 4.5) },
  },
  { ...row, roundTripMs: 0, side: 'service', tps: 200, p50Ms: null },
  { ...row, clients: 4, roundTripMs: 2.5, side: 'service', tps: 800, p50Ms: 5 },
  // Asked beside the sides, so that its rows come after theirs.
  {
    ...{ ...row, clients: 4, roundTripMs: 2.5, side: 'service-fast', tps: 1600, p50Ms: 2.5 },
    gap: { tps: ratio(2, 1.9, 2.1), mean: ratio(1.8, 1.6, 2.2), p50: ratio(2, 1.9, 2.1) },
  },
]

export const run: DistanceRun = {
  startedAt: '2026-01-02T03:04:05.000Z',
  command: 'npx inference-gap compare --distance 0,2.5ms',
  machine: { system: 'Linux', processor: 'one & only', cores: 2, memory: 4e9 },
  rows,
  last: 'service',
  slopes: [
    { side: 'database', clients: 1, roundTrips: 1.01, interval: [0.99, 1.03] },
    { side: 'service', clients: 4, roundTrips: 2 },
  ],
  links: ['database', 'service', 'feature store'],
  jitterMs: 0.5,
  rate: 0,
  premises: [{ name: 'distance', holds: true, seen: 'as wanted' }],
  published: { source: 'somebody, 2022', acrossHosts: [[6000, 1500]] } as never,
  added: [
    { roundTripMs: 0, addedMs: [0] },
    { roundTripMs: 2.5, addedMs: [2.4, 2.51] },
  ],
  measurements: [],
}

/** One side at one distance. */
export const alone: DistanceRun = {
  ...{ ...run, published: undefined, slopes: [], jitterMs: 0, last: 'a', links: ['a'] },
  rows: [{ roundTripMs: 0, addedMs: 0, clients: 1, side: 'a', tps: 1, p50Ms: 1, meanMs: 1 }],
}
