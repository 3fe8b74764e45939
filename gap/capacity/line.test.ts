import { describe, expect, test } from 'vitest'
import { type Line, lineOf, type Sample, scaled } from './line.ts'

const ones = (count: number) => new Float64Array(count).fill(1)
const zs = [-0.12, -0.06, 0, 0.05, 0.1]

describe('the scale', () => {
  test('has the limit at 0, of shares and of means', () => {
    expect(scaled(10, 10, 0.01)).toBeCloseTo(0, 12)
    expect(scaled(7, 7, 0)).toBe(0)
  })

  test('is that of logarithmic odds, or of the logarithm', () => {
    // 20 of 1000 are over where 10 may be.
    expect(scaled(20, 10, 0.01)).toBeCloseTo(Math.log(20 / 980) - Math.log(10 / 990), 12)
    expect(scaled(6, 2, 0)).toBeCloseTo(Math.log(3), 12)
  })

  test('has no end where all, or more, are over the limit', () => {
    expect(scaled(1000, 10, 0.01)).toBe(Number.POSITIVE_INFINITY)
    expect(scaled(1001, 10, 0.01)).toBe(Number.POSITIVE_INFINITY)
    expect(scaled(0, 10, 0.01)).toBe(Number.NEGATIVE_INFINITY)
  })
})

/** What is used on a line: of a mean exp(height) times what is allowed; of 10,000 requests as many as the odds say. */
function onLine({ level, slope }: Line, share: number, z: number): Sample {
  const height = level + slope * z
  if (share === 0) return { z, used: 50 * Math.exp(height), allowed: 50 }
  const odds = (Math.exp(height) * share) / (1 - share)
  return { z, used: (10_000 * odds) / (1 + odds), allowed: 10_000 * share }
}

describe.each([0, 0.01, 0.3])('a line through shares of %d', (share) => {
  test.each<[Line, Line]>([
    [
      { level: 0.3, slope: 12 },
      { level: 0, slope: 10 },
    ],
    [
      { level: -1, slope: 20 },
      { level: 1, slope: 40 },
    ],
    [
      { level: 0.5, slope: 5 },
      { level: 0.5, slope: 5 },
    ],
  ])('without noise is found, from wherever it begins: %j', (line, start) => {
    const found = lineOf(
      zs.map((z) => onLine(line, share, z)),
      ones(5),
      share,
      start,
    )
    expect(found.level).toBeCloseTo(line.level, 3)
    expect(found.slope / line.slope).toBeCloseTo(1, 3)
  })

  test('passes by rounds that were not drawn, and takes one that was drawn twice twice', () => {
    const samples = zs.map((z, at) => onLine({ level: at / 5, slope: 10 }, share, z))
    const astray = onLine({ level: 3, slope: 0 }, share, -0.1)
    const start = { level: 0, slope: 10 }
    const plain = lineOf(samples, ones(5), share, start)
    expect(lineOf([astray, ...samples], [0, 1, 1, 1, 1, 1], share, start)).toEqual(plain)
    const twice = lineOf(samples, [1, 1, 1, 1, 2], share, start)
    expect(twice).not.toEqual(plain)
    expect(lineOf([...samples, samples[4] as Sample], ones(6), share, start)).toEqual({
      level: expect.closeTo(twice.level, 9),
      slope: expect.closeTo(twice.slope, 7),
    })
  })
})

/**
 * The equations that the best line of a quasi-likelihood solves (McCullagh & Nelder, chapter 9): what rounds lie above and below it, each
 * by its weight, adds up to nothing, and so it does times z.
 */
function scores(samples: Sample[], share: number, { level, slope }: Line): [number, number] {
  const each = samples.map(({ z, used, allowed }) => {
    const height = level + slope * z
    if (share === 0) return { z, pull: used / (allowed * Math.exp(height)) - 1 }
    const requests = allowed / share
    const odds = (Math.exp(height) * share) / (1 - share)
    const chance = odds / (1 + odds)
    return { z, pull: (used - requests * chance) / (3 + 0.2 * requests * chance * (1 - chance)) }
  })
  return [each.reduce((sum, { pull }) => sum + pull, 0), each.reduce((sum, { z, pull }) => sum + z * pull, 0)]
}

const noise = [1.2, 0.9, 0.8, 1.15, 1.05]
const noisy = (share: number, slope = 12) =>
  zs.map((z, at) => {
    const sample = onLine({ level: 0.2, slope }, share, z)
    return { ...sample, used: sample.used * (noise[at] as number) }
  })

describe.each([0, 0.01])('through noise, of shares of %d,', (share) => {
  const start = { level: 0, slope: 10 }

  test('it is the best one', () => {
    const samples = noisy(share)
    const found = lineOf(samples, ones(5), share, start)
    const [level, slope] = scores(samples, share, found)
    expect(Math.abs(level)).toBeLessThan(2e-3)
    expect(Math.abs(slope)).toBeLessThan(2e-3)
    // Another one is not.
    const [other] = scores(samples, share, { ...found, level: found.level + 0.01 })
    expect(Math.abs(other)).toBeGreaterThan(5e-3)
  })

  test('a slope that is known draws it near, as far as it is known', () => {
    const samples = noisy(share, 20)
    const free = lineOf(samples, ones(5), share, start)
    const near = (known: number) => {
      const found = lineOf(samples, ones(5), share, start, known)
      const [level, slope] = scores(samples, share, found)
      expect(Math.abs(level)).toBeLessThan(2e-3)
      // A normal prior of this deviation.
      expect(slope + (10 - found.slope) / (known * 10) ** 2).toBeCloseTo(0, 3)
      return found.slope
    }
    expect(free.slope).toBeGreaterThan(15)
    expect(near(0.1)).toBeLessThan(near(0.5))
    expect(near(0.5)).toBeLessThan(free.slope)
    expect(near(0.001)).toBeCloseTo(10, 1)
  })
})

test.each([
  // Three times as steep, or a third as steep, as it was taken for, at the most.
  ['steeper than', 100, 10, 30, 0.01],
  ['flatter than', 1, 10, 10 / 3, 0.01],
  // And in any case no steeper and no flatter than a queue can be.
  ['steeper than any', 900, 300, 400, 0.0025],
  ['flatter than any', 0.1, 1, 0.7, 0.01],
])('a line %s what is believed ends at that bound, and its level is the best for it', (...given) => {
  const [, is, taken, slope, apart] = given
  const samples = [-2, -1, 0, 1, 2].map((at) => onLine({ level: 0.2, slope: is }, 0, at * apart))
  const found = lineOf(samples, ones(5), 0, { level: 0, slope: taken })
  expect(found.slope).toBeCloseTo(slope, 9)
  expect(Math.abs(scores(samples, 0, found)[0])).toBeLessThan(1e-3)
})

test('rounds at one rate alone tell the level, and nothing of the slope', () => {
  const samples = [0, 1, 2].map(() => onLine({ level: 0.4, slope: 0 }, 0, 0))
  expect(lineOf(samples, ones(3), 0, { level: 0, slope: 10 })).toEqual({
    level: expect.closeTo(0.4, 4),
    slope: expect.closeTo(10, 6),
  })
})

test('where no round was drawn nothing is known but what one began with', () => {
  const start = { level: 0.1, slope: 10 }
  expect(lineOf(noisy(0), new Float64Array(5), 0, start)).toEqual(start)
  expect(lineOf([], [], 0.01, start)).toEqual(start)
})

describe('where the rounds lie badly it is the best line all the same:', () => {
  const round = (z: number, used: number, allowed: number) => ({ z, used, allowed })

  test('far from where it began', () => {
    // Through two rounds there is one line alone, on the scale of the odds.
    const [near, far] = [round(0.07, 746, 100), round(0.15, 964, 100)]
    const [low, high] = [near, far].map(({ used }) => scaled(used, 100, 0.1)) as [number, number]
    const slope = (high - low) / 0.08
    const found = lineOf([near, far], ones(2), 0.1, { level: -2.6, slope: 41 })
    expect(found.slope / slope).toBeCloseTo(1, 3)
    expect(found.level).toBeCloseTo(low - slope * 0.07, 2)
  })

  test('where steps swing to and fro', () => {
    const [one, two] = [round(-0.16, 486, 300), round(0.04, 623, 300)]
    const samples = [one, two, round(0.01, 324, 300), round(0.13, 606, 300)]
    const found = lineOf(samples, ones(4), 0.3, { level: -1.4, slope: 39 }, 1)
    expect(found.slope).toBeCloseTo(13, 9)
    expect(Math.abs(scores(samples, 0.3, found)[0])).toBeLessThan(1e-3)
  })

  test('with all rounds on one side, and a slope that is known', () => {
    const samples = [round(-0.04, 23, 50), round(-0.04, 26, 50), round(-0.13, 12, 50)]
    const found = lineOf(samples, ones(3), 0, { level: -1.9, slope: 41 }, 0.3)
    const [level, slope] = scores(samples, 0, found)
    expect(Math.abs(level)).toBeLessThan(1e-3)
    expect(slope + (41 - found.slope) / (0.3 * 41) ** 2).toBeCloseTo(0, 4)
  })

  test('a round far above the limit is reached by steps', () => {
    const samples = [round(0.04, 405_154, 50)]
    const found = lineOf(samples, ones(1), 0, { level: -0.6, slope: 9 }, 0.4)
    expect(found.level + found.slope * 0.04).toBeCloseTo(Math.log(405_154 / 50), 3)
  })

  test('and one below which there is nothing ends where a share is 0 in all but name', () => {
    const found = lineOf([round(-0.18, 0, 300)], ones(1), 0.3, { level: -2.4, slope: 22 })
    expect(found.level).toBe(-18)
    expect(found.slope).toBeCloseTo(22, 3)
  })

  test('rates that nearly coincide tell next to nothing of the slope', () => {
    const samples = [round(0.013032, 5602, 856), round(0.012967, 515, 88.8)]
    const { slope } = lineOf(samples, [2, 1], 0.1, { level: 3, slope: 9 })
    expect(slope).toBeGreaterThan(9)
    expect(slope).toBeLessThan(18)
  })
})
