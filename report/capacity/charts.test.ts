/** Charts of a search as a ruler reads them, by the ticks of their axes. */
import { expect, test } from 'vitest'
import { chartsRead } from '../html/fixture.ts'
import { fullSampleCapacityRun, sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { capacityHtml } from './html.ts'
import type { CapacityRun, CapacitySide } from './run.ts'

const read = (run: CapacityRun) => chartsRead(capacityHtml(run))

const ofPostgres = 'Latency of postgres by rate'
const axes = [
  '440 by 320',
  'x | requests a second → | 3,000 3,500 4,000 4,500 | linear',
  'y | ↑ p99, ms | 4 5 6 7 8 10 20 | log | grid',
]
const limit = [
  'rule, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: 2850 to 4570; 10',
  "text: 'limit: 10 ms' at 2860; 10.7",
]
/** A circle where it holds, a triangle where nobody knows, a cross where it does not; the thin line never falls. */
const rates = [
  'line, stroke currentColor, stroke-width 1.5, stroke-opacity 0.6: 2880,4 4010,9.1 4120,9.9 4530,25',
  'dot, stroke good, stroke-width 2, r 5: 2880; 4 | 4010; 9.1',
  'dot triangle, stroke open, stroke-width 2: 4120; 9.9',
  'dot times, stroke bad, stroke-width 2: 4530; 25',
]

test('latency by rate, with the capacity and its interval', () => {
  expect(read(sampleCapacityRun())[ofPostgres]).toEqual([
    ...axes,
    'rect, fill good, fill-opacity 0.18: 4010 to 4230; 10',
    'rule, stroke good, stroke-width 2: 4120; 26.7 to 3.75',
    ...limit,
    ...rates,
  ])
})

test('what a side does at least is dotted, and is no capacity', () => {
  expect(read(unreachedCapacityRun())[ofPostgres]).toEqual([
    ...axes,
    'rule, stroke open, stroke-dasharray 2 3: 4010; 26.7 to 3.75',
    ...limit,
    ...rates,
  ])
})

test('a latency that is not limited has no line, and many requests a second are told in thousands', () => {
  const run = sampleCapacityRun()
  const [side] = run.sides as [CapacitySide]
  side.objective = 'p99.9<3ms'
  delete side.confirmed
  expect(read(run)[ofPostgres]).toEqual([...axes, ...rates])
  for (const [at, most] of [
    [99_999, '75,000 80,000 85,000 90,000 95,000'],
    [100_000, '75k 80k 85k 90k 95k 100k'],
  ] as const) {
    side.rates = side.rates.slice(0, 2)
    for (const [index, rate] of side.rates.entries()) rate.rate = index === 0 ? at : 75_000
    expect(read(run)[ofPostgres]?.[1]).toBe(`x | requests a second → | ${most} | linear`)
  }
})

test('throughput by clients: what was measured, the law and its interval', () => {
  // A side of capacity c serves 1.2 c N ÷ (N + 2); the interval is a tenth to each side.
  expect(read(fullSampleCapacityRun())['Throughput by clients']).toEqual([
    '440 by 320',
    'x | clients → | 1 10 100 | log',
    'y | ↑ requests a second | 400 500 1k 2k 3k 4k 5k | log | grid',
    'area, fill side-1, fill-opacity 0.15: 1,1810 … 200,5380 200,4410 … 1,1480 (10)',
    'area, fill side-2, fill-opacity 0.15: 1,442 … 200,1310 200,1070 … 1,362 (10)',
    'line, stroke side-1, stroke-width 2: 1,1650 10,4120 50,4750 100,4850 200,4900',
    'line, stroke side-2, stroke-width 2: 1,400 10,1000 50,1160 100,1180 200,1190',
    'dot, stroke side-1, stroke-width 2, r 4: 1; 1650 | 10; 4120 | 100; 4850',
    'dot, stroke side-2, stroke-width 2, r 4: 1; 400 | 10; 1000 | 100; 1180',
  ])
})

test('an interval that reaches nothing is left out of a logarithmic axis; numbers of clients stand in their order', () => {
  const run = fullSampleCapacityRun()
  const [law] = run.scaling ?? []
  if (!law || 'impossible' in law.law) throw new Error('no law')
  for (const row of law.law.curve.slice(0, 3)) row.low = 0
  run.sides[0]?.closed.reverse()
  const chart = read(run)['Throughput by clients'] ?? []
  expect(chart[1]).toBe('x | clients → | 1 10 100 | log')
  expect(chart[3]).toBe('area, fill side-1, fill-opacity 0.15: 100,5330 200,5380 200,4410 100,4360')
})

test('cost by demand, with the ends of the interval; the demand is dashed', () => {
  // A host of postgres serves 4,120 × 0.7, at the ends 4,010 × 0.7 and 4,230 × 0.7; one is to spare, at 0.34 each.
  expect(read(fullSampleCapacityRun())['Cost by demand']).toEqual([
    '440 by 320',
    'x | predictions a second → | 20k 40k 60k 80k 100k | linear',
    'y | ↑ USD an hour | 0 10 20 30 40 | linear | grid',
    'rule, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: 50000; 50 to 0',
    'area, fill side-1, fill-opacity 0.15: 1250,0.68 … 100000,12.6 100000,11.9 … 1250,0.68 (318)',
    'area, fill side-2, fill-opacity 0.15: 1250,1.02 … 100000,50 100000,47.6 … 1250,1.02 (318)',
    'line, stroke side-1, stroke-width 2: 1250,0.68 …  50000,6.46 … 100000,12.2 (159)',
    'line, stroke side-2, stroke-width 2: 1250,1.02 …  50000,25.2 … 100000,49 (159)',
  ])
  const run = fullSampleCapacityRun()
  delete run.plan?.currency
  expect(read(run)['Cost by demand']?.[2]).toBe('y | ↑ cost an hour | 0 10 20 30 40 | linear | grid')
})
