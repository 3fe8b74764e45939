import { median } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import type { Objective, Point } from './evidence.ts'
import {
  cliff,
  constantCapacity,
  constantQueue,
  exponentialCapacity,
  exponentialQueue,
  longShareOver,
  type Server,
  simulated,
} from './fixture.ts'
import { parseObjective } from './objective.ts'
import { Search, type SearchOptions } from './search.ts'

const objective = parseObjective('p99<10ms')

/** A whole search; the same seed brings the same. */
function searched(
  servers: Record<string, [server: Server, closedTps: number, objective?: Objective]>,
  options: SearchOptions = {},
  change: (points: Point[]) => Point[] = (points) => points,
) {
  const entries = Object.entries(servers).map(([key, [server, closedTps, own = objective]]) => ({
    key,
    server,
    closedTps,
    objective: own,
  }))
  const ask = simulated(
    Object.fromEntries(entries.map(({ key, ...side }) => [key, side])),
    (options.seed ?? 3) * 7919,
  )
  const search = new Search(entries, { seed: 3, seconds: 240, ...options })
  const rates: number[] = []
  for (let rounds = search.next(); rounds; rounds = search.next()) {
    rates.push(...rounds.flatMap((round) => Object.values(round)))
    search.add(change(ask(rounds)))
  }
  return { search, rates, results: search.results() }
}

describe('what is known of the simulated servers', () => {
  it('the closed form of M/M/c is that of M/M/1 for one server: μ - ln 100 ÷ t', () =>
    expect(exponentialCapacity(1, 1000, 0.99, 0.01)).toBeCloseTo(1000 - Math.log(100) / 0.01, 6))

  it('within one service of M/D/1 are 1 - ρ: 99 % do not wait at ρ = 0.01', () =>
    expect(constantCapacity(1000, 0.99, 0.001)).toBeCloseTo(10, 6))

  // Erlang's series, which was here before, found 247: of its terms, which alternate, nothing but rounding was left.
  it('a limit of forty services of M/D/1 is crossed by one request of a hundred in a long run, too', () => {
    const rate = constantCapacity(400, 0.99, 0.1)
    expect(longShareOver(constantQueue(1, 400), rate, 100, 20_000, 3)).toBeCloseTo(0.01, 3)
  })
})

describe('a search', () => {
  // An interval of 95 % holds the truth in at least 18 of 20 searches in 92 of 100 such tests; with these seeds always, or never.
  it.each([
    {
      ...{ name: 'M/M/4', server: exponentialQueue(4, 500), own: parseObjective('p99<15ms') },
      truth: exponentialCapacity(4, 500, 0.99, 0.015),
    },
    {
      ...{ name: 'M/D/1', server: constantQueue(1, 2000), own: parseObjective('p99<8ms') },
      truth: constantCapacity(2000, 0.99, 0.008),
    },
  ])('holds the capacity of $name in at least 18 of 20, within 5 % in the median', ({
    server,
    own,
    truth,
  }) => {
    const widths: number[] = []
    let held = 0
    for (let seed = 1; seed <= 20; seed++) {
      const { a } = searched({ a: [server, 2000, own] }, { seed, seconds: 120 }).results
      if (a?.kind !== 'capacity') continue
      if (a.low <= truth && truth <= a.high) held++
      widths.push((a.high - a.low) / a.capacity / 2)
    }
    expect(held).toBeGreaterThanOrEqual(18)
    expect(median(widths)).toBeLessThanOrEqual(0.05)
  }, 300_000)

  it('pairs the sides, so that a server has the ratio 1 to another like it', () => {
    const server = exponentialQueue(4, 500)
    const { search } = searched({ a: [server, 2000], b: [server, 2000] }, { seconds: 120 })
    const ratio = search.ratio('a', 'b')
    expect(ratio?.low).toBeLessThan(1)
    expect(ratio?.high).toBeGreaterThan(1)
  })

  it('ends at a cliff between a rate that holds and one that is crossed', () => {
    const { results } = searched({ a: [cliff(1234), 1500] })
    expect(results.a).toMatchObject({ kind: 'capacity', way: 'bisection', decided: true })
    const { low, high } = results.a as unknown as { low: number; high: number }
    expect(low).toBeLessThanOrEqual(1234)
    expect(high).toBeGreaterThan(1234)
    expect(high / low).toBeLessThan(1.04)
  })

  it('goes up where all that the closed model serves holds', () => {
    const { results } = searched({ a: [cliff(5000), 400] })
    expect((results.a as unknown as { low: number }).low).toBeGreaterThan(4700)
  })

  it('says at least where it holds at the highest rate allowed', () => {
    const { results, rates } = searched({ a: [cliff(50_000), 400] }, { maxRate: 700 })
    expect(results.a).toMatchObject({ kind: 'at-least', rate: 700, isClient: false })
    expect(Math.max(...rates)).toBe(700)
  })

  it('says none where it is crossed at the lowest rate', () => {
    const { results, rates } = searched({ a: [cliff(0), 400] })
    expect(results.a).toMatchObject({
      kind: 'none',
      why: expect.stringContaining('crossed even at the lowest rate tried'),
    })
    expect(Math.min(...rates)).toBeGreaterThan(0)
  })

  it('is never a capacity where the client is late at the first rate that is crossed', () => {
    const { results } = searched({ a: [cliff(1234), 1500] }, {}, (points) =>
      points.map((point) => ({ ...point, lateP99Ms: point.rate > 1234 ? 5 : 0 })),
    )
    expect(results.a).toMatchObject({
      kind: 'at-least',
      isClient: true,
      why: expect.stringContaining('late'),
    })
    expect((results.a as unknown as { rate: number }).rate).toBeLessThanOrEqual(1234)
  })

  it('asks for rates below one a second as they are', () => {
    const rounds = new Search([{ key: 'a', closedTps: 0.4, objective }]).next()
    const rates = rounds?.map((round) => round.a) as number[]
    expect(rates.toSorted((a, b) => a - b)).toEqual([0.14, 0.2, 0.26, 0.32, 0.38])
  })

  it('ends with its budget of rounds, undecided', () => {
    const { results } = searched({ a: [exponentialQueue(1, 1000), 1000] }, { mostRounds: 10 })
    expect(results.a).toMatchObject({ kind: 'capacity', decided: false })
  })

  it('has no rate to begin from where nothing was served', () =>
    expect(() => new Search([{ key: 'a', closedTps: 0, objective }])).toThrow(
      'a served nothing in the closed model',
    ))
})
