import { describe, expect, it } from 'vitest'
import type { Point } from './evidence.ts'
import { bracketOf, capacityOf, ratioOfCapacities } from './fit.ts'
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
    const points = [100, 200, 210, 300].map((rate, at) => point('a', rate, rate <= 200 ? 0 : 1, 1, at + 1))
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
