/** What a search found, put into units: each figure by hand, because thresholds and plans are made of them. */
import { expect, test } from 'vitest'
import type { Point } from '../../gap/capacity/evidence.ts'
import { parseObjective } from '../../gap/capacity/objective.ts'
import type { MeasuredRate, SideResult } from '../../gap/capacity/search.ts'
import { sampleBlock } from '../../gap/fixture.ts'
import { type Found, sideOf } from './rows.ts'

const objective = parseObjective('p99<10ms, mean<4ms, failures<1%')

/** Of what each term allows a half is used, at the ends of the interval a quarter and three quarters. */
const terms = objective.terms.map(({ text }) => ({
  ...{ text, used: 0.5, low: 0.25, high: 0.75, verdict: 'holds' as const },
}))

const point = (round: number, more: Partial<Point> = {}): Point => ({
  ...{ side: 'postgres', rate: 100, session: 1, round, seconds: 1, due: 100, answered: 99, failed: 1 },
  ...{ within: [99, 200, 99], growth: 0, lateP99Ms: 0.5, dropped: 0, ...more },
})

const rateOf = (rate: number, more: Partial<MeasuredRate> = {}): MeasuredRate => ({
  ...{ rate, verdict: 'holds', why: 'all of it', used: 0.5, low: 0.25, high: 0.75, terms },
  points: [
    point(1, { growth: 0.1 }),
    point(2, { due: 300, answered: 285, growth: 0.3, lateP99Ms: 2 }),
    point(3, { lateP99Ms: 1 }),
  ],
  ...more,
})

const asked = (key: string, rate: number, ms: number[], waited: number) => ({
  ...sampleBlock(key, 1, ms),
  open: { rate, due: 100, waited, dropped: 0, growth: 0 },
})

const blocks = [
  asked('postgres', 100, [2, 2, 4, 4], 10),
  asked('postgres', 100, [6, 6], 15),
  asked('postgres-null', 100, [1, 1], 90),
  asked('postgres-null', 200, [5], 0),
  asked('postgres', 200, [8], 400),
  asked('python', 100, [64], 800),
  // Of the closed model, where nothing is due.
  sampleBlock('postgres', 1, [128]),
]

const found = (
  result: Partial<SideResult> & { rates?: MeasuredRate[] },
  more: Partial<Found> = {},
): Found => ({
  ...{ side: 'postgres', objective, closed: [{ clients: 1, tps: 500 }], blocks, nullKey: 'postgres-null' },
  ...{
    confirmation: undefined,
    result: { kind: 'none', why: 'too slow', rates: [], ...result } as SideResult,
  },
  ...more,
})

test('a rate has its own blocks, its terms in their units, and what the client did', () => {
  const { rates, ...side } = sideOf(found({ rates: [rateOf(100)] }))
  expect(side).toEqual({
    ...{ side: 'postgres', objective: 'p99<10ms, mean<4ms, failures<1%' },
    ...{ closed: [{ clients: 1, tps: 500 }], none: 'too slow' },
  })
  const [row] = rates
  expect(row).toEqual({
    ...{ rate: 100, verdict: 'holds', rounds: 3, due: 500 },
    // 99 + 285 + 99 of 500; (0.1 + 0.3 + 0) ÷ 3.
    ...{ achieved: 483 / 500, growth: expect.closeTo(0.4 / 3) },
    terms: [
      // A hundredth may be later than the limit: with a half of that used it is a share of 99.5 %, and more used is a smaller one.
      { text: 'p99<10ms', value: 0.995, low: expect.closeTo(0.9925), high: expect.closeTo(0.9975) },
      { text: 'mean<4ms', value: 2, low: 1, high: 3 },
      { text: 'failures<1%', value: 0.005, low: 0.0025, high: 0.0075 },
    ],
    // 2, 2, 4, 4, 6 and 6 ms.
    latencyMs: {
      ...{ mean: expect.closeTo(4), p50: expect.closeTo(4, 2), p95: expect.closeTo(6, 2) },
      ...{ p99: expect.closeTo(6, 2), max: expect.closeTo(6, 2) },
    },
    client: { lateP99Ms: 2, nullP99Ms: expect.closeTo(1, 2), waited: 25 / 500 },
  })
})

test('why is told where it does not hold; without a null server there is no latency of one; no share is below nothing', () => {
  const late = terms.map((term) => ({ ...term, used: 200, high: 300 }))
  const { rates } = sideOf(
    found(
      {
        rates: [
          rateOf(100, { verdict: 'crossed', why: 'p99', terms: late }),
          rateOf(200, { verdict: 'undecided' }),
        ],
      },
      { nullKey: 'nobody' },
    ),
  )
  expect(rates.map(({ verdict, why }) => [verdict, why])).toEqual([
    ['crossed', 'p99'],
    ['undecided', 'all of it'],
  ])
  expect(rates[0]?.terms[0]).toMatchObject({ value: 0, low: 0, high: expect.closeTo(0.9975) })
  // No more requests can fail than there are, however much two rounds differ.
  expect(rates[0]?.terms[2]).toMatchObject({ text: 'failures<1%', high: 1 })
  expect(rates[0]?.client).toEqual({ lateP99Ms: 2, waited: 25 / 500 })
  expect(rates[1]?.latencyMs.max).toBeCloseTo(8, 2)
})

test('where nothing was due, and nothing answered, no share is made up', () => {
  const points = [point(1, { due: 0, answered: 0 })]
  const silent = [asked('postgres', 100, [], 5), asked('postgres-null', 100, [], 0)]
  const [row] = sideOf(found({ rates: [rateOf(100, { points })] }, { blocks: silent })).rates
  expect(row).toMatchObject({ due: 0, achieved: 0 })
  expect(row?.client).toEqual({ lateP99Ms: 0.5, waited: 0 })
  expect(row?.latencyMs.p99).toBeNaN()
})

const capacity = { kind: 'capacity', capacity: 4120, low: 4010, high: 4230, way: 'fit' } as const
const steps = [
  { rate: 4010, held: 4, why: 'p99<10ms: 120 %' },
  { rate: 3900, held: 3, why: 'a backlog grows' },
]

test.each<[string, Partial<SideResult>, Found['confirmation'], object]>([
  [
    'confirmed',
    capacity,
    { confirmedRate: 4010, steps: [{ rate: 4010, held: 5 }] },
    { found: { capacity: 4120, low: 4010, high: 4230, way: 'fit' }, confirmed: 4010 },
  ],
  [
    'confirmed after one that was not',
    capacity,
    { confirmedRate: 3900, steps },
    { found: { capacity: 4120, low: 4010, high: 4230, way: 'fit' }, confirmed: 3900 },
  ],
  [
    'confirmed at no rate',
    capacity,
    { confirmedRate: undefined, steps },
    { found: { capacity: 4120, low: 4010, high: 4230, way: 'fit' }, unconfirmed: 'a backlog grows' },
  ],
  [
    'never asked again',
    capacity,
    undefined,
    { found: { capacity: 4120, low: 4010, high: 4230, way: 'fit' } },
  ],
  [
    'at least, for the client ended first',
    { kind: 'at-least', rate: 5000, why: 'it was late', isClient: true },
    undefined,
    { atLeast: { rate: 5000, why: 'client-limited: it was late' } },
  ],
  [
    'at least what was confirmed',
    { kind: 'at-least', rate: 5000, why: 'no rate was crossed', isClient: false },
    { confirmedRate: 4800, steps: [] },
    { atLeast: { rate: 4800, why: 'no rate was crossed' }, confirmed: 4800 },
  ],
])('a side that is %s', (_, result, confirmation, expected) => {
  const { side: __, objective: ___, closed: ____, rates, ...rest } = sideOf(found(result, { confirmation }))
  expect(rest).toEqual(expected)
  expect(rates).toEqual([])
})
