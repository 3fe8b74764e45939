import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { drawnFrom, drawOf, generator } from './draw.ts'

test('draws are whole, below the bound, even, and repeatable', () => {
  const below = 10
  const counts = Array.from({ length: below }, () => 0)
  const [next, again] = [generator(1, 2, 3, below), generator(1, 2, 3, below)]
  for (let turn = 0; turn < 100_000; turn++) {
    const drawn = next()
    if (again() !== drawn) throw new Error(`the ${turn}th is another`)
    counts[drawn] = (counts[drawn] as number) + 1
  }
  // 10,000 of each, with a standard deviation of 95.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(475)
})

test('neighbouring seeds, users and blocks draw other sequences', () => {
  const firsts = new Set<number>()
  for (let seed = 0; seed < 10; seed++)
    for (let user = 0; user < 10; user++)
      for (let block = 0; block < 10; block++) firsts.add(generator(seed, user, block)())
  expect(firsts.size).toBeGreaterThan(995)
})

// MINSTD with the multiplier 48271 on a state mixed by MurmurHash3's finalizer, eight steps on; computed in Python with whole numbers.
test.each([
  [1, 2, 3, [1913413286, 1248602953, 37155831]],
  [0, 0, 0, [2098282587, 132594592, 972330642]],
  [42, 7, 1000, [574334274, 1823389401, 65067999]],
])('seed %i, user %i, block %i', (seed, user, block, expected) => {
  const next = generator(seed, user, block)
  expect([next(), next(), next()]).toEqual(expected)
  const below = generator(seed, user, block, 1000)
  expect([below(), below(), below()]).toEqual(expected.map((each) => each % 1000))
})

describe("by Zipf's law", () => {
  const keys = 1000
  const draws = 400_000

  // Pearson's test against k^-s ÷ the sum of all, ranks of fewer than five draws taken together. A right draw stays below the limit but once
  // in 30,000 seeds (a standard normal's 4), and the seed is the same each time.
  test.each([
    0.5,
    1,
    1 + 1e-14,
    1.1,
    2,
  ])('with an exponent of %d each rank comes as often as it should', (exponent) => {
    const next = drawOf({ zipf: exponent }, keys)(1, 2, 3)
    const seen = new Float64Array(keys)
    for (let turn = 0; turn < draws; turn++) {
      const at = next()
      seen[at] = (seen[at] as number) + 1
    }
    const weights = Array.from({ length: keys }, (_, rank) => (rank + 1) ** -exponent)
    const whole = weights.reduce((sum, weight) => sum + weight, 0)
    let [squares, cells] = [0, 0]
    let [expected, found] = [0, 0]
    for (const [rank, weight] of weights.entries()) {
      expected += (draws * weight) / whole
      found += seen[rank] as number
      const left = weights.slice(rank + 1).reduce((sum, each) => sum + (draws * each) / whole, 0)
      if (expected < 5 || (left > 0 && left < 5)) continue
      squares += (found - expected) ** 2 / expected
      cells++
      ;[expected, found] = [0, 0]
    }
    const freedom = cells - 1
    expect(freedom).toBeGreaterThan(200)
    // Wilson and Hilferty: the cube root of a chi-square is nearly normal.
    const normal = ((squares / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom))
    expect(Math.abs(normal)).toBeLessThan(4)
  })

  test.each([1, 2, 1_000_000])('of %i keys every draw is one', (count) => {
    for (const exponent of [0.01, 0.5, 1, 1 + 1e-12, 1.1, 10]) {
      const next = drawOf({ zipf: exponent }, count)(7, 1, 1)
      for (let turn = 0; turn < 5000; turn++) {
        const drawn = next()
        if (!(Number.isInteger(drawn) && drawn >= 0 && drawn < count))
          throw new Error(`${drawn} of ${count} with an exponent of ${exponent}`)
      }
    }
  })

  test('of two keys with an exponent of 1 the first comes twice as often', () => {
    const next = drawOf({ zipf: 1 }, 2)(1, 1, 1)
    const first = Array.from({ length: 90_000 }, next).filter((each) => each === 0).length
    // 60,000 with a standard deviation of 141.
    expect(Math.abs(first - 60_000)).toBeLessThan(600)
  })
})

describe('in order', () => {
  test.each([1, 2, 7, 1000])('%i keys come one after the other, all of them, and again', (count) => {
    const next = drawOf('in order', count)(3, 2, 1)
    const round = Array.from({ length: count }, next)
    expect([...round].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index))
    for (const [index, position] of round.entries())
      expect(round[(index + 1) % count]).toBe((position + 1) % count)
    expect(Array.from({ length: count }, next)).toEqual(round)
  })

  test('virtual users and connections begin at keys of their own', () => {
    const draw = drawOf('in order', 1_000_000)
    const firsts = new Set<number>()
    for (let user = 0; user < 20; user++)
      for (let block = 0; block < 20; block++) firsts.add(draw(1, user, block)())
    expect(firsts.size).toBeGreaterThan(395)
  })
})

test.each([
  ['even'],
  ['in order'],
  [{ zipf: 1.1 }],
] as const)('%j: the same seed draws the same, another not', (kind) => {
  const of = (seed: number) => Array.from({ length: 200 }, drawOf(kind, 500)(seed, 4, 5))
  expect(of(1)).toEqual(of(1))
  expect(of(2)).not.toEqual(of(1))
})

test('evenly, each of the keys comes', () => {
  const next = drawOf('even', 50)(1, 1, 1)
  expect(new Set(Array.from({ length: 2000 }, next)).size).toBe(50)
})

describe('a part of the keys', () => {
  test('is not drawn where all can be held', () => {
    expect(drawnFrom('even', 1000, 1, 1000)).toBeUndefined()
    expect(drawnFrom({ zipf: 1 }, 3, 1, 1000)).toBeUndefined()
  })

  test.each([1001, 1999, 2000, 5_000_000])('of %i: evenly one of each stretch, each once', (count) => {
    const drawn = drawnFrom('even', count, 7, 1000)
    expect(drawn?.draw).toBe('even')
    const positions = drawn?.positions ?? []
    expect(positions).toHaveLength(1000)
    for (const [at, position] of positions.entries()) {
      expect(position).toBeGreaterThanOrEqual(Math.floor((at * count) / 1000))
      expect(position).toBeLessThan(Math.floor(((at + 1) * count) / 1000))
    }
  })

  test('evenly: over seeds each key comes as often as another', () => {
    const seen = Array.from({ length: 1000 }, () => 0)
    for (let seed = 0; seed < 2000; seed++)
      for (const at of drawnFrom('even', 1000, seed, 100)?.positions ?? [])
        seen[at] = (seen[at] as number) + 1
    // 200 of each, with a standard deviation of 13.4; of a thousand the furthest stays below 4.5 of these but once in 150 tests.
    expect(Math.max(...seen.map((count) => Math.abs(count - 200)))).toBeLessThan(61)
  })

  test('by Zipf a position stands there as often as it was drawn from all', () => {
    const drawn = drawnFrom({ zipf: 1 }, 1_000_000, 3, 100_000)
    expect(drawn?.draw).toBe('even')
    const count = (rank: number) => drawn?.positions.filter((each) => each === rank).length ?? 0
    // The harmonic number of a million is 14.39: the first comes in one of so many, the second half as often.
    expect(Math.abs(count(0) - 6948)).toBeLessThan(400)
    expect(Math.abs(count(1) - 3474)).toBeLessThan(300)
    // Half of all lie beyond e^(14.39 / 2 - 0.577), which is 749.
    const beyond = drawn?.positions.filter((each) => each > 749).length ?? 0
    expect(Math.abs(beyond - 50_000)).toBeLessThan(1000)
  })

  test('in order they follow each other, from where the seed says', () => {
    const { positions = [], draw } = drawnFrom('in order', 1000, 5, 10) ?? {}
    expect(draw).toBe('in order')
    expect(positions.slice(1).every((each, at) => each - (positions[at] as number) === 1)).toBe(true)
    expect(drawnFrom('in order', 1000, 6, 10)?.positions).not.toEqual(positions)
  })

  // The same on every machine: no more than whole numbers and, by Zipf, what Node computes of logarithms and powers.
  test.each([
    ['even', 1, '70a3989d3bebff21'],
    ['even', 2, '7e3a3d30aedbd8ec'],
    [{ zipf: 1.1 }, 1, 'f2e45044d07b0a1e'],
  ] as const)('%j by seed %i is always the same', (draw, seed, digest) => {
    const { positions = [] } = drawnFrom(draw, 1_000_000, seed, 1000) ?? {}
    expect(createHash('sha256').update(positions.join()).digest('hex').slice(0, 16)).toBe(digest)
  })
})
