import { describe, expect, it, test } from 'vitest'
import { shareLimits } from './binomial.ts'
import type { Point } from './evidence.ts'
import { parseObjective } from './objective.ts'
import { clientLimit, missedBy, unsteadyOf, verdictAt } from './verdict.ts'

const objective = parseObjective('p99<10ms')

/** 1000 requests, so that 10 may be over the limit. */
const point = (over: number, more: Partial<Point> = {}): Point => ({
  ...{ side: 'a', rate: 500, session: 1, round: 1, seconds: 2, due: 1000, answered: 1000, failed: 0 },
  ...{ within: [1000 - over], growth: 0, lateP99Ms: 0, dropped: 0 },
  ...more,
})

const points = (overs: number[], more: Partial<Point> = {}) =>
  overs.map((over, at) => point(over, { session: 1 + Math.floor(at / 2), round: 1 + (at % 2), ...more }))

describe('at one rate an objective', () => {
  it('holds where far fewer requests are over the limit than may be', () => {
    const { verdict, used, terms } = verdictAt(points([2, 3, 2, 1, 3, 2, 2, 1]), objective)
    expect(verdict).toBe('holds')
    expect(used).toBeCloseTo(0.2, 9)
    expect(terms.map(({ text }) => text)).toEqual(['p99<10ms'])
  })

  it('is crossed where far more are', () =>
    expect(verdictAt(points([30, 28, 41, 35, 30, 33]), objective)).toMatchObject({
      verdict: 'crossed',
      why: expect.stringContaining('p99<10ms: 330 % of what it allows'),
    }))

  it('is undecided where as many are as may be', () =>
    expect(verdictAt(points([10, 9, 12, 8, 11, 10]), objective).verdict).toBe('undecided'))

  it('is undecided where rounds differ by more than requests would alone', () =>
    expect(verdictAt(points([0, 0, 0, 0, 0, 45]), objective).verdict).toBe('undecided'))

  // Of 368 requests that all pass the upper limit at 0.975 is 0.00997; of 367 it is 0.01.
  it.each([
    [180, 'undecided'],
    [190, 'holds'],
  ])('with none over the limit in two rounds of %d requests is told by the exact binomial', (due, verdict) =>
    expect(verdictAt(points([0, 0], { due, answered: due, within: [due] }), objective).verdict).toBe(verdict))

  it('never holds by a single round', () =>
    expect(verdictAt([point(1)], objective).verdict).toBe('undecided'))

  it('does not hold where a backlog grows, however fast the answers are', () =>
    expect(
      verdictAt(
        [0.02, 0.03, 0.025].map((growth, at) => point(0, { growth, round: at + 1 })),
        objective,
      ),
    ).toMatchObject({
      verdict: 'crossed',
      why: 'a backlog grows: each second the latency rises by 25 ms',
    }))

  it('holds where growth is noise about 0', () =>
    expect(
      verdictAt(
        [0.02, -0.03, 0.02, -0.01].map((growth, at) => point(0, { growth, round: at + 1 })),
        objective,
      ).verdict,
    ).toBe('holds'))

  it('does not hold where much is never answered, unless so many may fail', () => {
    const lossy = points([0, 0, 0], { answered: 950, failed: 50, within: [1000] })
    expect(verdictAt(lossy, parseObjective('p50<10ms')).why).toBe(
      'only 95 % of the requests that were due were answered rightly',
    )
    const both = points([0, 0, 0], { answered: 950, failed: 50, within: [950, 950] })
    expect(verdictAt(both, parseObjective('p50<10ms,failures<10%')).verdict).toBe('holds')
  })

  it('is crossed by one of several terms', () => {
    const both = points([0, 0, 0, 0], { within: [1000, 9000] })
    expect(verdictAt(both, parseObjective('p99<10ms,mean<3ms'))).toMatchObject({
      verdict: 'crossed',
      used: 3,
    })
    expect(verdictAt(both, parseObjective('p99<10ms,mean<9.5ms')).verdict).toBe('holds')
  })
})

describe("a mean's interval", () => {
  /** One request a round, of so many milliseconds. */
  const means = (...ms: number[]) =>
    verdictAt(
      ms.map((each, at) => point(0, { due: 1, answered: 1, within: [each], round: at + 1 })),
      parseObjective('mean<10ms'),
    )

  it("with few rounds is Student's, of the logarithms", () => {
    // Shares of 0.5, 0.9, 0.5, 0.9 and 0.5; the quantile of t with 4 degrees of freedom at 0.975 is 2.776.
    const centre = (3 * Math.log(0.5) + 2 * Math.log(0.9)) / 5
    // The sample's deviation: of five, of which two are apart from the others, it is √(2 × 3 ÷ 5 ÷ 4) of what they are apart by.
    const half = (2.776 * Math.log(0.9 / 0.5) * Math.sqrt(0.3)) / Math.sqrt(5)
    const { low, high } = means(5, 9, 5, 9, 5)
    expect(low).toBeCloseTo(Math.exp(centre - half), 3)
    expect(high).toBeCloseTo(Math.exp(centre + half), 3)
  })

  it('with six is from the smallest to the largest of the resamples, which leave neither', () => {
    // All six drawn alike come once in 64 times, more often than either end may be missed: once in 400.
    const { low, high } = means(5, 9, 5, 9, 5, 9)
    expect(low).toBeCloseTo(0.5, 9)
    expect(high).toBeCloseTo(0.9, 9)
  })

  it('holds where all is just what is allowed, and no more', () => {
    const { terms, ...whole } = means(10, 10, 10, 10, 10, 10)
    expect(whole).toMatchObject({ verdict: 'holds', low: 1, high: 1 })
    expect(terms).toEqual([{ text: 'mean<10ms', used: 1, low: 1, high: 1, verdict: 'holds' }])
  })

  it('that ends at a hundred times what is allowed has no upper end to speak of', () =>
    expect(means(1000, 1000, 1000, 1000, 1000, 1000).why).toBe(
      'mean<10ms: 10000 % of what it allows (10000 % or more)',
    ))
})

it('as many as may fail by their exact interval are not too many', () => {
  const [limit] = shareLimits(40, 1000)
  const failing = (most: number) =>
    unsteadyOf([point(0, { answered: 960, failed: 40 })], {
      text: '',
      terms: [{ figure: 'failures', limit: most, text: '' }],
    })
  expect(failing(limit)).toBeUndefined()
  expect(failing(limit * 0.999)).toBe('only 96 % of the requests that were due were answered rightly')
})

it('a session is judged by its own figures', () => {
  expect(missedBy(points([10, 10]), objective)).toBeUndefined()
  expect(missedBy(points([10, 11]), objective)).toBe('p99<10ms: 100 % of what it allows')
  expect(missedBy([point(0, { growth: 0.2 })], objective)).toContain('a backlog grows')
})

describe("the client's limit", () => {
  const fast = points([0, 0])
  it.each([
    ['none', fast, fast, undefined],
    ['without a null server', fast, [], undefined],
    [
      'late, and nobody knows whether the side has the processor',
      points([0, 0], { lateP99Ms: 2.6 }),
      [],
      'the client sent 2.6 ms late (p99), more than a quarter of 10 ms',
    ],
    [
      'late to a server that does nothing, too',
      points([0, 0], { lateP99Ms: 9 }),
      points([0, 0], { lateP99Ms: 2.6 }),
      'the client sent 2.6 ms late (p99), also to a server that does nothing, more than a quarter of 10 ms',
    ],
    ['late beside a busy side only', points([0, 0], { lateP99Ms: 9 }), fast, undefined],
    ['not quite late', points([0, 0]), points([0, 0], { lateP99Ms: 2.5 }), undefined],
    [
      'a slow null server',
      fast,
      points([6, 6]),
      'a server that does nothing uses 60 % of what the objective allows',
    ],
    [
      'a null server that falls behind',
      fast,
      [point(0, { growth: 0.3 })],
      'of a server that does nothing a backlog grows',
    ],
    [
      'no virtual users',
      points([50, 50], { dropped: 50 }),
      fast,
      '5 % of the requests found no virtual user free',
    ],
    [
      'other programs on its machine',
      points([150, 150]),
      points([0, 0], { takenByOthers: 0.6 }),
      "other programs took 60 % of the machine's processors",
    ],
    ['a little beside it', points([150, 150]), points([0, 0], { takenByOthers: 0.1 }), undefined],
    ['no virtual users, as the side is slow', points([150, 150], { dropped: 50 }), fast, undefined],
  ])('%s', (_, own, nulls, why) => {
    const limit = clientLimit(own, nulls, objective)
    if (why === undefined) expect(limit).toBeUndefined()
    else expect(limit).toContain(why)
  })
})

describe('bounds themselves are kept', () => {
  const fast = points([0, 0])

  test('two fifths of the processors may be of others', () => {
    const taken = (share: number) => clientLimit(fast, points([0, 0], { takenByOthers: share }), objective)
    expect(taken(0.4)).toBeUndefined()
    expect(taken(0.41)).toContain('other programs took 41 %')
  })

  test('one request in a thousand may find no virtual user', () => {
    const dropping = (dropped: number) => clientLimit(points([10, 10], { dropped }), fast, objective)
    // Of 2000.
    expect(dropping(1)).toBeUndefined()
    expect(dropping(2)).toBe(
      '0.2 % of the requests found no virtual user free, while those that were sent were answered in time',
    )
  })

  test('a null server may use half of what the objective allows', () => {
    expect(clientLimit(fast, points([5, 5]), objective)).toBeUndefined()
    expect(clientLimit(fast, points([6, 5]), objective)).toContain('uses 55 %')
  })

  test('what is just allowed is not too much: of failures shares are exact', () => {
    const failures = parseObjective('failures<1%')
    const failing = (failed: number, dropped = 0) =>
      points([0, 0], { answered: 1000 - failed, failed, within: [1000 - failed], dropped })
    expect(missedBy(failing(10), failures)).toBeUndefined()
    expect(clientLimit(failing(0), failing(5), failures)).toBeUndefined()
    // Without those that were never sent as many failed as may.
    expect(clientLimit(failing(20, 10), failing(0), failures)).toContain(
      '1 % of the requests found no virtual',
    )
  })

  test('of several terms the one that a null server uses most counts', () => {
    const both = parseObjective('p99<10ms,mean<4ms')
    const nulls = points([0, 0], { within: [1000, 3000] })
    expect(clientLimit(points([0, 0], { within: [1000, 0] }), nulls, both)).toContain('uses 75 %')
  })

  test('what was never sent is no part of a mean', () => {
    const both = parseObjective('p99<10ms,mean<4ms')
    // 970 answers of little more than 4 ms are over the mean's limit, whatever was dropped.
    const slow = points([30, 30], { dropped: 30, answered: 970, within: [970, 3890] })
    const nulls = points([0, 0], { within: [1000, 0] })
    expect(clientLimit(slow, nulls, both)).toBeUndefined()
    const quick = points([30, 30], { dropped: 30, answered: 970, within: [970, 970] })
    expect(clientLimit(quick, nulls, both)).toContain('3 % of the requests found no virtual user')
  })

  test('one lateness in many is no reason: half of them count', () => {
    const nulls = [0, 9, 0].map((lateP99Ms, at) => point(0, { lateP99Ms, round: at + 1 }))
    expect(clientLimit(fast, nulls, objective)).toBeUndefined()
    // An objective of failures alone has no limit to be late for.
    expect(clientLimit(points([0, 0], { lateP99Ms: 99 }), [], parseObjective('failures<1%'))).toBeUndefined()
  })
})

describe('what is told of a rate', () => {
  test('the term that decided, with its interval', () => {
    const { why } = verdictAt(points([2, 3, 2, 1, 3, 2, 2, 1]), objective)
    expect(why).toMatch(/^p99<10ms: 20 % of what it allows \([\d.]+ % to [\d.]+ %\)$/)
  })

  test.each([
    // The mean uses half: 3960 ms of 990 answers that may take 8 ms each. Of 1000 requests 10 fail, where 20 or 40 may.
    ['failures<4%,mean<8ms', 'mean<8ms'],
    ['mean<8ms,failures<4%', 'mean<8ms'],
    // Of two that use alike, the first.
    ['failures<2%,mean<8ms', 'failures<2%'],
    ['mean<8ms,failures<2%', 'mean<8ms'],
  ])('of %s, which both hold, %s', (text, told) => {
    const own = text.startsWith('mean') ? [3960, 990] : [990, 3960]
    const { verdict, used, why } = verdictAt(
      points([0, 0, 0, 0, 0, 0, 0, 0], { answered: 990, failed: 10, within: own }),
      parseObjective(text),
    )
    expect([verdict, used]).toEqual(['holds', 0.5])
    expect(why).toMatch(new RegExp(`^${told}: 50 % of what it allows `))
  })

  test('where there is no upper end to speak of, that it is so much or more', () => {
    const { verdict, why } = verdictAt([point(1)], objective)
    expect(verdict).toBe('undecided')
    expect(why).toMatch(/^p99<10ms: 10 % of what it allows \([\d.]+ % or more\)$/)
  })

  test('a backlog before a term that is crossed, and that before one that is undecided', () => {
    const over = points([30, 28, 41, 35, 30, 33])
    expect(
      verdictAt(
        over.map((one) => ({ ...one, growth: 0.2 })),
        objective,
      ).why,
    ).toContain('a backlog')
    const two = points([30, 28, 41, 35, 30, 33]).map((one) => ({ ...one, within: [990, ...one.within] }))
    expect(verdictAt(two, parseObjective('p99<20ms,p98<10ms')).why).toMatch(/^p98<10ms: 160 % /)
  })

  test('of one session the first term that is missed', () => {
    const both = parseObjective('p99<20ms,p98<10ms')
    expect(missedBy([point(0, { within: [1000, 970] })], both)).toBe('p98<10ms: 150 % of what it allows')
    expect(missedBy([point(0, { within: [980, 970] })], both)).toBe('p99<20ms: 200 % of what it allows')
  })
})
