import { median } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import type { Objective, Point } from './evidence.ts'
import {
  cliff,
  constantCapacity,
  constantQueue,
  exactPoint,
  exponentialCapacity,
  exponentialQueue,
  line,
  longShareOver,
  type Server,
  simulated,
} from './fixture.ts'
import { parseObjective } from './objective.ts'
import { type Round, Search, type SearchOptions, type SideResult } from './search.ts'

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

/** What is used at a rate, on the scale of a line; 0 is the limit. */
type Heights = (rate: number) => number
const holding: Heights = () => -12
const crossing: Heights = () => 4
const cliffAt =
  (limit: number): Heights =>
  (rate) =>
    rate <= limit ? -12 : 4

/** A search whose sides answer without noise: which rates it asks for, by side and batch, and what it finds. */
function followed(
  sides: Record<string, [heights: Heights, closedTps: number]>,
  options: SearchOptions = {},
  change: (point: Point) => Partial<Point> = () => ({}),
  nullsOf: (session: number) => Partial<Point>[] = () => [],
) {
  const search = new Search(
    Object.entries(sides).map(([key, [, closedTps]]) => ({ key, closedTps, objective })),
    { seed: 1, ...options },
  )
  const batches: Round[][] = []
  for (let rounds = search.next(); rounds; rounds = search.next()) {
    batches.push(rounds)
    const session = batches.length
    const exact = (side: string, rate: number, round: number, heights: Heights) =>
      exactPoint(objective, { side, rate, session, round }, () => heights(rate))
    search.add(
      rounds.flatMap((round, at) =>
        Object.entries(round).map(([side, rate]) => {
          const point = exact(side, rate, at + 1, (sides[side] as [Heights, number])[0])
          return { ...point, ...change(point) }
        }),
      ),
      nullsOf(session).map((point) => ({ ...exact('a', 1, 1, holding), ...point })),
    )
  }
  const asked = (side: string) =>
    batches.map((rounds) => rounds.flatMap((round) => round[side] ?? []).sort((a, b) => a - b))
  return { search, batches, asked, a: search.results().a as SideResult }
}

describe('the rates that are asked for', () => {
  it.each([
    [1, [950]],
    [2, [350, 950]],
    [3, [350, 650, 950]],
    [7, [350, 450, 550, 650, 750, 850, 950]],
  ])('%d rounds begin below what the closed model serves, spread as five are', (roundsPerBatch, expected) => {
    const { asked } = followed({ a: [holding, 1000] }, { roundsPerBatch, mostRounds: roundsPerBatch })
    expect(asked('a')).toEqual([expected])
  })

  it('go up from the highest that holds, to 64 times what the closed model serves', () => {
    const { asked, a } = followed({ a: [holding, 1000 / 0.95] })
    expect(asked('a').map((rates) => rates.at(-1))).toEqual([1000, 2500, 6250, 15_600, 39_000, 97_500])
    expect(asked('a')[1]).toEqual([1040, 1150, 1350, 1750, 2500])
    expect(a).toMatchObject({
      ...{ kind: 'at-least', rate: 97_500, isClient: false, why: 'it holds even at the highest rate tried' },
    })
  })

  it('are never above the highest allowed, at which it ends', () => {
    const { asked, a } = followed({ a: [holding, 1000 / 0.95] }, { maxRate: 3000 })
    expect(asked('a').slice(1)).toEqual([
      [1040, 1150, 1350, 1750, 2500],
      [2600, 2880, 3000, 3000, 3000],
    ])
    expect(a).toMatchObject({ kind: 'at-least', rate: 3000 })
  })

  it('go down from the lowest that is crossed, to near idle', () => {
    const { asked, a } = followed({ a: [crossing, 1000] })
    expect(asked('a').map(([lowest]) => lowest)).toEqual([350, 98, 27.4, 7.67, 2.15])
    expect(asked('a')[1]).toEqual([98, 130, 168, 217, 280])
    expect(a).toMatchObject({
      kind: 'none',
      why: expect.stringMatching(/^crossed even at the lowest rate tried, 2.15\/s: p99/),
    })
  })

  it('part what lies around a cliff, as often as rates can be told apart', () => {
    const { asked, a } = followed({ a: [cliffAt(700), 1000] })
    const [first, ...more] = asked('a')
    expect(first).toEqual([350, 500, 650, 800, 950])
    // From 650 to 800 in sixths of the way, by ratio.
    expect(more[0]).toEqual([672.9, 696.6, 721.1, 746.5, 772.8])
    // Nothing else is between but the middle; its neighbours are asked again.
    expect(more[1]).toEqual([696.6, 696.6, 708.7, 721.1, 721.1])
    for (const rates of more.slice(2)) expect(new Set(rates)).toEqual(new Set([696.6, 708.7]))
    expect(a).toMatchObject({ kind: 'capacity', way: 'bisection', low: 696.6, high: 708.7, decided: true })
  })

  it('lie around where a line crosses the limit, those that were measured before among them', () => {
    const { asked, a } = followed({ a: [line(1000, 14), 1195] })
    expect(asked('a')).toEqual([
      [418, 598, 777, 956, 1140],
      // As far as the interval reaches, 956 to 1,140, as long as there are few rounds; 956 is near enough to 954.
      [908, 956, 1000, 1050, 1090],
      // Then by 1.2 ÷ 14, which is what is used three times more or less: 914, 957, 1,000 and so on, which are near enough.
      [908, 956, 1000, 1050, 1090],
      [908, 956, 1000, 1050, 1090],
    ])
    expect(a).toMatchObject({ kind: 'capacity', way: 'fit', decided: true, rounds: 17 })
  })

  it('of a steep line are close, in digits that tell them apart', () => {
    const { asked } = followed({ a: [line(1000, 60), 1240] })
    const last = asked('a').at(-1) as number[]
    expect((last.at(-1) as number) / (last[0] as number)).toBeCloseTo(1.04, 1)
    expect(new Set(last.map((rate) => rate % 10 > 0))).toContain(true)
  })

  it('come in an order that the seed draws', () => {
    const first = (seed: number) => followed({ a: [holding, 1000] }, { seed, mostRounds: 5 }).batches
    expect(first(1)).toEqual(first(1))
    const orders = new Set(Array.from({ length: 40 }, (_, seed) => JSON.stringify(first(seed))))
    // Of 120 orders 40 draws meet some thirty-four.
    expect(orders.size).toBeGreaterThan(25)
    // Each rate comes first as well as last.
    for (const at of [0, 4])
      expect(new Set([...orders].map((order) => JSON.parse(order)[0][at].a)).size).toBe(5)
  })
})

describe('when a search ends', () => {
  it('four sessions are needed, however many rounds one has', () => {
    const one = followed({ a: [line(1000, 15), 1240] }, { roundsPerBatch: 20, mostRounds: 200 })
    expect(one.batches).toHaveLength(4)
    expect(one.a).toMatchObject({ decided: true })
    const three = followed({ a: [line(1000, 15), 1240] }, { roundsPerBatch: 20, mostRounds: 60 })
    expect(three.a).toMatchObject({ kind: 'capacity', decided: false })
  })

  it('a narrower interval than there can be is never found', () => {
    const { batches, a } = followed({ a: [line(1000, 15), 1240] }, { halfWidth: 0.014 })
    expect(batches.flat()).toHaveLength(60)
    expect(a).toMatchObject({ decided: false })
  })

  it('with the last round that it may ask, or the last second', () => {
    const lengths = (options: SearchOptions) =>
      followed({ a: [holding, 1000], b: [holding, 1000] }, options).batches.map(({ length }) => length)
    expect(lengths({ mostRounds: 7 })).toEqual([5, 2])
    // Two seconds of each side in each round.
    expect(lengths({ seconds: 20 })).toEqual([5])
    expect(lengths({ seconds: 20.5 })).toEqual([5, 5])
    const { search } = followed({ a: [holding, 1000] }, { mostRounds: 7 })
    expect(search.seconds).toBe(14)
  })

  it('all sides that have a capacity stay in until the last is done, those that have none do not', () => {
    // `a` is done after four batches, `b` begins far below, `c` is near idle after five.
    const { batches, asked, search } = followed({
      ...{ a: [line(1000, 15), 1240], b: [line(50_000, 15), 1240], c: [crossing, 1000] },
    })
    expect(batches.length).toBeGreaterThan(6)
    expect(asked('a').every(({ length }) => length === 5)).toBe(true)
    expect(asked('b').every(({ length }) => length === 5)).toBe(true)
    expect(asked('c').map(({ length }) => length)).toEqual(batches.map((_, at) => (at < 5 ? 5 : 0)))
    expect(search.ratio('b', 'a')?.median).toBeCloseTo(50, 1)
    expect(search.ratio('a', 'c')).toBeUndefined()
    expect(search.ratio('c', 'a')).toBeUndefined()
  })
})

describe('what ended first', () => {
  const late = { lateP99Ms: 5 }

  it('a client that is late at the highest rate ends a search upwards', () => {
    const { batches, a } = followed({ a: [holding, 1000] }, {}, ({ rate }) => (rate === 950 ? late : {}))
    expect(batches).toHaveLength(1)
    expect(a).toMatchObject({
      kind: 'at-least',
      rate: 950,
      isClient: true,
      why: expect.stringContaining('late'),
    })
    // Lower down it says nothing.
    expect(
      followed({ a: [holding, 1000] }, {}, ({ rate }) => (rate === 800 ? late : {})).batches,
    ).toHaveLength(6)
  })

  it('downwards one at the lowest rate does, in the second session', () => {
    const { batches, a } = followed({ a: [crossing, 1000] }, {}, () => late)
    expect(batches).toHaveLength(2)
    expect(a).toMatchObject({
      kind: 'none',
      why: expect.stringMatching(/^client-limited: at 98\/s already the client sent 5 ms late/),
    })
  })

  it.each<[string, Partial<Point>[], SideResult['kind']]>([
    ['the nearest rate was late, too', [{ rate: 350 }, { rate: 790, ...late }], 'at-least'],
    ['another one was', [{ rate: 350, ...late }, { rate: 790 }], 'capacity'],
    ['one of three rates as near was', [{ rate: 790, ...late }, { rate: 800 }, { rate: 810 }], 'capacity'],
    ['a server beside another side was', [{ rate: 790 }, { rate: 708, side: 'b', ...late }], 'capacity'],
  ])('of servers that do nothing %s', (_, nulls, kind) => {
    const { a } = followed({ a: [cliffAt(700), 1000] }, {}, undefined, (session) =>
      session === 1 ? nulls : [],
    )
    expect(a.kind).toBe(kind)
    expect(a.rates.map(({ clientLimit }) => clientLimit !== undefined)).toContain(kind === 'at-least')
  })

  it('at least is what holds surely, or for want of it what held so far', () => {
    const search = new Search([{ key: 'a', closedTps: 1000, objective }])
    const ask = (rate: number, height: number, due?: number) =>
      search.add(
        [1, 2, 3, 4, 5].map((session) =>
          exactPoint(objective, { side: 'a', rate, session, round: 1 }, () => height, due),
        ),
      )
    // Nine of ten that may be over, of few: it may well be crossed.
    ask(950, -0.1, 1000)
    expect(search.results().a).toMatchObject({ kind: 'at-least', rate: 950 })
    ask(800, -12)
    expect(search.results().a).toMatchObject({ kind: 'at-least', rate: 800 })
  })

  it('before anything was asked nothing is known, and what comes later is', () => {
    const search = new Search([{ key: 'a', closedTps: 1000, objective }])
    expect(search.results().a).toEqual({ kind: 'none', why: 'no rate was measured', rates: [] })
    expect(search.results()).toBe(search.results())
    search.add([exactPoint(objective, { side: 'a', rate: 500, session: 1, round: 1 }, () => -12)])
    expect(search.results().a).toMatchObject({ kind: 'at-least', rate: 500 })
  })
})
