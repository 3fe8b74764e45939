import { expect, test } from 'vitest'
import { compareWithBaseline, type Load, movedMachine, whyNotComparable } from './baseline.ts'
import type { ClientCost } from './cost.ts'
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
  // Ends that touch share a value that may be the truth of both.
  [[4, 5], [5, 6], 'within noise'],
  [[4, 5], [3, 4], 'within noise'],
] as [number[], number[], string][])('from %j to %j: %s', ([a, b], [c, d], expected) => {
  const rows = compareWithBaseline([gap(1, a as number, b as number)], [gap(1, c as number, d as number)])
  expect(rows.map(({ figure }) => figure)).toEqual(['tps', 'p50', 'p95', 'p99'])
  expect(rows.every(({ change }) => change === expected)).toBe(true)
})

test('only what both measured is compared', () => {
  expect(compareWithBaseline([gap(1, 4, 5)], [gap(5, 4, 5)])).toEqual([])
  expect(compareWithBaseline([gap(1, 4, 5)], [{ ...gap(1, 4, 5), key: 'postgres-fast' }])).toEqual([])
})

test('at a given rate answers a second are what was offered: no gap that could regress', () => {
  // A single failure in each pair, which maxFailureRate is there for.
  const rows = compareWithBaseline([gap(20, 1, 1)], [gap(20, 0.998, 0.999)], true)
  expect(rows.map(({ figure }) => figure)).toEqual(['p50', 'p95', 'p99'])
})

const extent = (sides: string[], clients: number[], load: Load = {}) => ({ sides, clients, load })

test.each([
  [extent(['a', 'z'], [1]), extent(['a', 'z'], [1, 5]), undefined],
  [extent(['a', 'b', 'z'], [1]), extent(['b', 'c', 'z'], [1]), undefined],
  [extent(['a', 'z'], [20], { rate: 200 }), extent(['a', 'z'], [20], { rate: 200 }), undefined],
  // All serve what is due, so that a gap of 6 would have become one of 1.
  [extent(['a', 'z'], [20]), extent(['a', 'z'], [20], { rate: 200 }), 'this is measured at a given rate'],
  [extent(['a', 'z'], [20], { rate: 200 }), extent(['a', 'z'], [20]), 'it was measured at a given rate'],
  // At twice the rate both wait longer, each by its own queue.
  [
    extent(['a', 'z'], [20], { rate: 100 }),
    extent(['a', 'z'], [20], { rate: 200 }),
    'it was measured at 100 requests a second, and this is at 200 requests a second',
  ],
  // A share is what was asked for; what it comes to is another number each time.
  [extent(['a', 'z'], [20], { share: 0.7, rate: 412 }), extent(['a', 'z'], [20], { share: 0.7 }), undefined],
  [extent(['a', 'z'], [20], { share: 0.7, rate: 412 }), extent(['a', 'z'], [20], { rate: 412 }), undefined],
  [
    extent(['a', 'z'], [20], { share: 0.7, rate: 412 }),
    extent(['a', 'z'], [20], { share: 0.5 }),
    'it was measured at 70 % of what the slower side serves, and this is at 50 %',
  ],
  [extent(['a', 'z'], [1]), extent(['b', 'z'], [1]), 'its sides are a, z, here b, z'],
  // The same two, compared the other way round.
  [extent(['a', 'z'], [1]), extent(['z', 'a'], [1]), 'its sides are a, z, here z, a'],
  [extent(['z'], [1]), extent(['a', 'z'], [1]), 'its sides are z, here a, z'],
  [extent(['a', 'z'], [1, 5]), extent(['a', 'z'], [20]), 'its numbers of clients are 1, 5, here 20'],
])('%j has a gap of %j, or it is said why not', (before, now, why) => {
  const said = whyNotComparable(before, now)
  if (why === undefined) expect(said).toBeUndefined()
  else expect(said).toContain(why)
})

test('a null operation of another time tells of another machine', () => {
  const costs = (clients: number, nullMs: number) => [{ key: 'postgres', clients, nullMs } as ClientCost]
  expect(movedMachine(costs(1, 0.026), costs(1, 0.034))).toEqual([
    { key: 'postgres', clients: 1, beforeMs: 0.026, nowMs: 0.034 },
  ])
  expect(movedMachine(costs(1, 0.034), costs(1, 0.026))).toHaveLength(1)
  expect(movedMachine(costs(1, 0.03), costs(1, 0.034))).toEqual([])
  expect(movedMachine(costs(1, 0.026), costs(5, 0.034))).toEqual([])
  const other = [{ key: 'python', clients: 1, nullMs: 0.034 } as ClientCost]
  expect(movedMachine(costs(1, 0.026), other)).toEqual([])
})

test.each([
  [1, 1.2, 0],
  [1, 1.2001, 1],
  [1, 1 / 1.2, 0],
  [1, 0.8333, 1],
])('a fifth is noise, more is not: from %f to %f', (beforeMs, nowMs, moved) => {
  const cost = (nullMs: number) => [{ key: 'postgres', clients: 1, nullMs } as ClientCost]
  expect(movedMachine(cost(beforeMs), cost(nowMs))).toHaveLength(moved)
})
