import { expect, test } from 'vitest'
import { compareWithBaseline } from './baseline.ts'
import type { Gap } from './verdict.ts'

const gap = (clients: number, low: number, high: number): Gap => {
  const ratio = { median: (low + high) / 2, low, high, pairs: 4 }
  return { key: 'postgres', clients, tps: ratio, mean: ratio, p50: ratio, p95: ratio, p99: ratio }
}

test.each([
  [[4, 5], [5.1, 6], 'improved'],
  [[4, 5], [3, 3.9], 'regressed'],
  [[4, 5], [3, 4.1], 'within noise'],
  [[4, 5], [4.9, 6], 'within noise'],
  [[4, 5], [4, 5], 'within noise'],
] as [number[], number[], string][])('from %j to %j: %s', ([a, b], [c, d], expected) => {
  const rows = compareWithBaseline([gap(1, a as number, b as number)], [gap(1, c as number, d as number)])
  expect(rows.map(({ figure }) => figure)).toEqual(['tps', 'p50', 'p95', 'p99'])
  expect(rows.every(({ change }) => change === expected)).toBe(true)
})

test('only what both measured is compared', () => {
  expect(compareWithBaseline([gap(1, 4, 5)], [gap(5, 4, 5)])).toEqual([])
  expect(compareWithBaseline([gap(1, 4, 5)], [{ ...gap(1, 4, 5), key: 'postgres-fast' }])).toEqual([])
})
