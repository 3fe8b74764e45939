import { describe, expect, it } from 'vitest'
import { studentT } from '../ratio.ts'
import type { Point } from './evidence.ts'
import { bracketOf, capacityOf, ratioOfCapacities } from './fit.ts'
import { exactPoint, line } from './fixture.ts'
import { isotonic } from './isotonic.ts'
import { parseObjective } from './objective.ts'

const objective = parseObjective('p99<10ms')

/** A round of 100,000 requests, of which exactly a share is over the limit. */
const point = (side: string, rate: number, over: number, session: number, round: number): Point => ({
  ...{ side, rate, session, round, seconds: 2, due: 100_000, answered: 100_000, failed: 0 },
  ...{ within: [100_000 - Math.round(100_000 * over)], growth: 0, lateP99Ms: 0, dropped: 0 },
})

/** M/M/1 without noise: a share exp(-(μ - λ)t) is over the limit. */
const exponential = (side: string, served: number, rates: number[]) =>
  [1, 2, 3, 4].flatMap((session) =>
    rates.map((rate, at) => point(side, rate, Math.exp(-(served - rate) * 0.01), session, at + 1)),
  )

/** ln 100 ÷ t below what it serves. */
const truth = (served: number) => served - Math.log(100) / 0.01

it('values that fall are pooled with those before them, by weight', () => {
  expect(isotonic([1, 2, 3], [1, 1, 1])).toEqual([1, 2, 3])
  expect(isotonic([3, 1, 2], [1, 1, 1])).toEqual([2, 2, 2])
  expect(isotonic([1, 4, 1, 5], [1, 1, 2, 1])).toEqual([1, 2, 2, 5])
  expect(isotonic([], [])).toEqual([])
})

/** The nearest values that never fall have a closed form: max over i ≤ k, min over j ≥ k of the mean from i to j (Barlow et al., 1972). */
it.each([
  [
    [1, 3, 10, 11, 2],
    [1, 1, 1, 1, 1],
  ],
  [
    [5, 4, 6, 6, 1, 9, 8, 7, 12, 3],
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1],
  ],
  [
    [9, 8, 7, 1, 2, 3, 3, 0],
    [1, 5, 1, 1, 9, 2, 2, 1],
  ],
])('however far back values that fall reach, they are pooled: %j by %j', (values, weights) => {
  const sum = (of: number[]) => of.reduce((total, each) => total + each, 0)
  const places = [...values.keys()]
  const meanOf = (from: number, to: number) => {
    const own = places.slice(from, to + 1)
    return (
      sum(own.map((at) => (values[at] ?? 0) * (weights[at] ?? 0))) / sum(own.map((at) => weights[at] ?? 0))
    )
  }
  const expected = places.map((k) =>
    Math.max(...places.slice(0, k + 1).map((i) => Math.min(...places.slice(k).map((j) => meanOf(i, j))))),
  )
  for (const [at, value] of isotonic(values, weights).entries())
    expect(value).toBeCloseTo(expected[at] ?? 0, 12)
})

describe('a capacity', () => {
  it('is where the line crosses the limit', () => {
    const points = exponential('a', 1000, [480, 510, 570, 600])
    const capacity = capacityOf(points, 'a', objective)
    expect(capacity?.way).toBe('fit')
    expect(capacity?.capacity).toBeGreaterThan(truth(1000) * 0.995)
    expect(capacity?.capacity).toBeLessThan(truth(1000) * 1.005)
    expect(capacity?.bracket).toEqual([510, 570])
    expect(capacity?.low).toBeLessThan(truth(1000))
    expect(capacity?.high).toBeGreaterThan(truth(1000))
  })

  it('is between two rates where latency is a cliff', () => {
    const rates = [100, 200, 200, 210, 210, 300]
    const points = rates.map((rate, at) => point('a', rate, rate <= 200 ? 0 : 1, 1, at + 1))
    expect(capacityOf(points, 'a', objective)).toMatchObject({ way: 'bisection', low: 200, high: 210 })
  })

  it('is unknown where all rates hold, or none does', () => {
    expect(capacityOf(exponential('a', 1000, [100, 200]), 'a', objective)).toBeUndefined()
    expect(capacityOf(exponential('a', 1000, [800, 900]), 'a', objective)).toBeUndefined()
    expect(bracketOf(exponential('a', 1000, [100, 200]), objective)).toEqual({ holds: 200, isBacklog: false })
    expect(bracketOf(exponential('a', 1000, [800, 900]), objective)).toEqual({
      crossed: 800,
      isBacklog: false,
    })
  })

  it('ends where a backlog grows, though the objective holds in turns so short', () => {
    const points = [100, 200, 300].flatMap((rate, at) =>
      [1, 2, 3].map((session) => ({
        ...point('a', rate, 0, session, at + 1),
        growth: rate > 200 ? 0.3 + session / 100 : session / 1000 - 0.002,
      })),
    )
    expect(bracketOf(points, objective)).toEqual({ holds: 200, crossed: 300, isBacklog: true })
    expect(capacityOf(points, 'a', objective)).toMatchObject({ way: 'bisection', low: 200, high: 300 })
  })
})

it('the ratio of capacities is that of both, whichever stands above', () => {
  const points = [
    ...exponential('a', 1000, [480, 510, 570, 600]),
    ...exponential('b', 2000, [1500, 1530, 1560, 1600]),
  ]
  const [a, b] = ['a', 'b'].map((side) => ({ side, objective })) as [
    { side: string; objective: typeof objective },
    { side: string; objective: typeof objective },
  ]
  const ratio = ratioOfCapacities(points, b, a)
  const wanted = truth(2000) / truth(1000)
  expect(ratio?.median).toBeGreaterThan(wanted * 0.99)
  expect(ratio?.median).toBeLessThan(wanted * 1.01)
  const inverse = ratioOfCapacities(points, a, b)
  expect(1 / (inverse?.median ?? 0)).toBeCloseTo(ratio?.median ?? 0, 9)
  expect(1 / (inverse?.high ?? 0)).toBeCloseTo(ratio?.low ?? 0, 2)
  expect(ratioOfCapacities(points, a, { side: 'c', objective })).toBeUndefined()
})

/** Rounds without noise, of which all that comes is known beforehand. @param text of the objective */
function placed(
  text: string,
  rates: readonly number[],
  heightOf: (rate: number, session: number, term: number, round: number) => number,
  { side = 'a', sessions = 4, due = 1e8 } = {},
): Point[] {
  const own = parseObjective(text)
  return Array.from({ length: sessions }, (_, at) => at + 1).flatMap((session) =>
    rates.map((rate, at) => {
      const round = at + 1
      return exactPoint(
        own,
        { side, rate, session, round },
        (term) => heightOf(rate, session, term, round),
        due,
      )
    }),
  )
}

const around = [900, 970, 1030, 1100]
/** No interval is narrower than 1.5 % to each side. */
const finest = Math.exp(0.015)

const found = (points: Point[], text = 'p99<10ms', side = 'a') => {
  const capacity = capacityOf(points, side, parseObjective(text))
  if (!capacity) throw new Error('no capacity')
  return capacity
}

describe('on a line that is known', () => {
  it.each(['p99<10ms', 'failures<1%', 'mean<10ms', 'p50<10ms'])('%s is crossed where it is', (text) => {
    const capacity = found(placed(text, around, line(1000, 15)), text)
    expect(capacity).toMatchObject({ way: 'fit', bracket: [970, 1030], rounds: 16 })
    expect(capacity.capacity).toBeCloseTo(1000, 4)
    expect(capacity.slope).toBeCloseTo(15, 4)
    expect(capacity.low).toBeCloseTo(1000 / finest, 2)
    expect(capacity.high).toBeCloseTo(1000 * finest, 2)
  })

  // Alike as they may be, few requests over the limit are a matter of chance.
  it('no interval is narrower than chance has it, of shares', () => {
    const few = { due: 250 }
    const capacity = found(placed('p99<10ms', around, line(1000, 15), few))
    // 16 rounds, in each of which 2.5 requests may be over; Poisson's deviation is the root of their sum.
    const half = (1.2 * 1.96) / Math.sqrt(16 * 2.5) / (15 * Math.sqrt(0.97 * 1.03))
    expect(Math.log(capacity.high / 1000)).toBeCloseTo(half, 5)
    expect(Math.log(1000 / capacity.low)).toBeCloseTo(half, 5)
    const mean = found(placed('mean<10ms', around, line(1000, 15), few), 'mean<10ms')
    expect(mean.high).toBeCloseTo(1000 * finest, 2)
  })

  it('below six rounds the two rates around it are held, too', () => {
    const one = { sessions: 1 }
    const wide = found(placed('p99<10ms', around, line(1000, 15), one))
    expect([wide.rounds, wide.low, wide.high]).toEqual([4, 970, 1030])
    const narrow = found(placed('p99<10ms', [900, 995, 1005, 1100], line(1000, 15), one))
    expect(narrow.low).toBeCloseTo(1000 / finest, 2)
    expect(narrow.high).toBeCloseTo(1000 * finest, 2)
    const six = found(placed('p99<10ms', [900, 930, 970, 1030, 1070, 1100], line(1000, 15), one))
    expect([six.rounds, six.low]).toEqual([6, expect.closeTo(1000 / finest, 2)])
  })

  it('of several terms the one that is crossed first counts', () => {
    const text = 'p99<10ms,p50<2ms'
    const of = (p99: number, p50: number) =>
      found(
        placed(text, around, (rate, _, term) => (term === 0 ? line(p99, 15) : line(p50, 9))(rate)),
        text,
      )
    expect(of(990, 1010).capacity).toBeCloseTo(990, 3)
    expect(of(990, 1010).slope).toBeCloseTo(15, 3)
    expect(of(1010, 990).capacity).toBeCloseTo(990, 3)
    expect(of(1010, 990).slope).toBeCloseTo(9, 3)
  })
})

describe('which rounds tell of the line', () => {
  const bent = (truth: number, slope: number, off: Record<number, number>) => (rate: number) =>
    off[rate] ?? line(truth, slope)(rate)

  // What a machine does at any rate makes the tail far below; taken for part of the line it would make that flat.
  it('not those far from the limit where there are others', () => {
    const points = placed('p99<10ms', [500, ...around], bent(1000, 15, { 500: -1 }))
    expect(found(points)).toMatchObject({ rounds: 16, capacity: expect.closeTo(1000, 4) })
    // Of four rounds nearby too little is known to leave any out.
    const few = placed('p99<10ms', [500, ...around], bent(1000, 15, { 500: -1 }), { sessions: 1 })
    expect(found(few).rounds).toBe(5)
  })

  it('nor those in which nearly all is over the limit', () => {
    const rates = [760, 800, 950, 1050, 1200, 1300]
    const points = placed('p99<10ms', rates, bent(1000, 12.5, { 1300: 3.5 }), { sessions: 1 })
    expect(found(points)).toMatchObject({ rounds: 5, capacity: expect.closeTo(1000, 3) })
  })

  it('of others the nearest, and no more than are needed', () => {
    const off = { 700: -20, 1400: 2.9 }
    const points = placed('p99<10ms', [700, 800, 950, 1050, 1200, 1400], bent(1000, 12.5, off), {
      sessions: 2,
    })
    expect(found(points)).toMatchObject({ rounds: 8, capacity: expect.closeTo(1000, 3) })
  })

  it('nearest to where the limit is crossed, and not to the middle of the rates around it', () => {
    const points = placed('p99<10ms', [749, 950, 1050, 1198], bent(955, 12.5, { 1198: 2.9 }), { sessions: 3 })
    expect(found(points)).toMatchObject({ rounds: 9, capacity: expect.closeTo(955, 3) })
  })
})

/**
 * Rounds are first chosen by what came of them, which is partly chance: those that chance took from the limit are missed, and those that
 * it brought near are taken. The line that they give says which ones really are near, and is fitted to these.
 */
describe('rounds are chosen once more by the line that the first ones give', () => {
  const chosen = (
    rates: number[],
    off: Record<number, number>,
    { truth = 1000, slope = 15, sessions = 4 } = {},
  ) =>
    found(
      placed('p99<10ms', rates, (rate) => off[rate] ?? line(truth, slope)(rate), {
        sessions,
      }),
    )

  it.each([
    // 1.5 by the line; on the scale of the odds a little beyond the 2 that are near the limit.
    ['above', 1100, 2],
    ['below', 900, -2.6],
  ])('one that chance took from the limit, %s it, is not left out', (_, rate, height) => {
    const { rounds, capacity, slope } = chosen(around, { [rate]: height })
    expect(rounds).toBe(16)
    expect(slope).toBeGreaterThan(15.5)
    expect(Math.abs(capacity / 1000 - 1)).toBeGreaterThan(0.001)
  })

  it('one that chance brought near it is left out', () => {
    // -3 by the line.
    expect(chosen([800, ...around], { 800: -2.2 })).toMatchObject({
      rounds: 16,
      capacity: expect.closeTo(1000, 3),
    })
    // Eight rounds are enough for that.
    expect(chosen([800, ...around], { 800: -2.2 }, { sessions: 2 }).rounds).toBe(8)
  })

  it('but not where less than eight would be left', () => {
    expect(chosen([800, ...around], { 800: -2.2 }, { sessions: 1 }).rounds).toBe(5)
  })

  it.each([
    ['above', [850, 900, 950, 1150], { 1150: 1.9 }],
    ['below', [830, 1050, 1090, 1120], { 830: -2.2 }],
  ])('nor where none would be left %s the limit', (_, rates, off) => {
    expect(chosen(rates, off).rounds).toBe(16)
  })

  it('and as far from the crossing as the line is straight, no farther', () => {
    // By a slope of 5 even a rate of 700 is near the limit.
    expect(chosen([700, ...around], {}, { slope: 5 }).rounds).toBe(16)
    // The crossing counts, and not the middle of the rates around it: 810 is 19 % below the one, 21 % below the other.
    expect(chosen([810, ...around], {}, { slope: 5, truth: 1025 }).rounds).toBe(16)
  })
})

describe('a cliff', () => {
  const text = 'p99<10ms,failures<1%'
  /** All holds, and at once nearly all fails. */
  const failing = (from: number) =>
    placed(text, around, (rate, _, term) => (term === 0 ? line(1000, 15)(rate) : rate < from ? -12 : 4))

  it('below all that can be fitted is what ends first', () => {
    expect(found(failing(970), text)).toMatchObject({
      ...{ way: 'bisection', low: 900, high: 970, capacity: Math.sqrt(900 * 970), slope: 0, rounds: 0 },
    })
  })

  it('above that is not', () => {
    expect(found(failing(1100), text)).toMatchObject({ way: 'fit', capacity: expect.closeTo(1000, 3) })
  })
})

describe('noise', () => {
  const off = [0.03, -0.02, 0.04, -0.05, 0.01, -0.01]
  const deviation = Math.sqrt(off.reduce((sum, each) => sum + each * each, 0) / (off.length - 1))
  const halfOf = ({ low, high }: { low: number; high: number }) => Math.log(high / low) / 2

  // Each session is a process of its own, whose luck all of its rounds share: twenty more of them tell no more.
  it('of sessions makes intervals as wide as their mean is unsure', () => {
    const points = placed(
      'p99<10ms',
      around,
      (rate, session) => line(1000 * (1 + (off[session - 1] ?? 0)), 15)(rate),
      {
        sessions: 6,
      },
    )
    const expected = (1.2 * 1.96 * deviation) / Math.sqrt(6)
    expect(halfOf(found(points)) / expected).toBeGreaterThan(0.85)
    expect(halfOf(found(points)) / expected).toBeLessThan(1.15)
  })

  // The shares bend a little over so much noise.
  it('of rounds likewise, as Student has it', () => {
    const rates = off.flatMap(() => [960, 1040])
    const points = placed(
      'p99<10ms',
      rates,
      (rate, _, __, round) => line(1000 * (1 + (off[Math.floor((round - 1) / 2)] ?? 0)), 15)(rate),
      { sessions: 1 },
    )
    const expected = (1.2 * studentT(0.975, 11) * deviation * Math.sqrt(5 / 6)) / Math.sqrt(11)
    expect(halfOf(found(points)) / expected).toBeGreaterThan(0.85)
    expect(halfOf(found(points)) / expected).toBeLessThan(1.25)
  })

  it('that both sides of a pair share is in no ratio', () => {
    const sideOf = (side: string, truth: number) =>
      placed(
        'p99<10ms',
        around.map((rate) => (rate * truth) / 1000),
        (rate, session) => line(truth * (1 + (off[session - 1] ?? 0)), 15)(rate),
        { side, sessions: 6 },
      )
    const points = [...sideOf('a', 1000), ...sideOf('b', 2000)]
    const ratio = ratioOfCapacities(points, { side: 'b', objective }, { side: 'a', objective })
    expect(ratio).toMatchObject({ median: expect.closeTo(2, 4), pairs: 24 })
    expect(ratio?.low).toBeCloseTo(2 / finest, 3)
    expect(ratio?.high).toBeCloseTo(2 * finest, 3)
    expect(halfOf(found(points, 'p99<10ms', 'b'))).toBeGreaterThan(0.03)
  })
})

describe('a ratio of which one side is known badly is as wide as both intervals', () => {
  const asked = (side: string) => ({ side, objective })
  const steep = placed('p99<10ms', around, line(1000, 15))

  it.each([
    // A cliff: 400 holds, 500 does not. Sixteen rounds, of which each has both.
    [placed('p99<10ms', [300, 400, 500, 600], (rate) => (rate > 450 ? 4 : -12), { side: 'b' }), 16],
    // Four rounds.
    [
      placed(
        'p99<10ms',
        around.map((rate) => rate / 2),
        line(500, 15),
        { side: 'b', sessions: 1 },
      ),
      4,
    ],
  ])('%#', (others, pairs) => {
    const points = [...steep, ...others]
    const [a, b] = [found(points), found(points, 'p99<10ms', 'b')]
    const ratio = ratioOfCapacities(points, asked('a'), asked('b'))
    expect(ratio).toEqual({
      median: a.capacity / b.capacity,
      low: a.low / b.high,
      high: a.high / b.low,
      pairs,
    })
    const inverse = ratioOfCapacities(points, asked('b'), asked('a'))
    expect(inverse).toEqual({
      median: b.capacity / a.capacity,
      low: b.low / a.high,
      high: b.high / a.low,
      pairs,
    })
  })
})
