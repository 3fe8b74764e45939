import { expect, test, vi } from 'vitest'
import { random } from '../workload/random.ts'
import { normalTail, ratioOf, studentT } from './ratio.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

test('equal pairs leave no doubt', () => {
  const { median, low, high, pairs } = ratioOf([[2, 2, 2, 2]])
  expect([median, low, high].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([2, 2, 2])
  expect(pairs).toBe(4)
})

test('the interval holds the median and widens with the spread', () => {
  const narrow = ratioOf([[4.9, 5, 5.1, 5]])
  const wide = ratioOf([[3, 5, 7, 5]])
  for (const { low, median, high } of [narrow, wide]) expect(low <= median && median <= high).toBe(true)
  expect(wide.high - wide.low).toBeGreaterThan(narrow.high - narrow.low)
})

test('turned round, the ratio says the same', () => {
  const ratios = [2, 3, 4, 5, 6]
  const [there, back] = [ratioOf([ratios]), ratioOf([ratios.map((ratio) => 1 / ratio)])]
  expect(1 / back.median).toBeCloseTo(there.median, 12)
  expect(1 / back.high).toBeCloseTo(there.low, 1)
})

test('the same seed gives the same interval', () => {
  expect(ratioOf([[2, 3, 4]], 7)).toEqual(ratioOf([[2, 3, 4]], 7))
})

test('no pair, no ratio', () => {
  for (const sessions of [[], [[], []]])
    expect(() => ratioOf(sessions)).toThrow(new RangeError('no pair of blocks, so no ratio'))
})

test('random is even and repeatable', () => {
  const next = random(3)
  const numbers = Array.from({ length: 10_000 }, next)
  const again = random(3)
  expect(numbers.slice(0, 5)).toEqual(Array.from({ length: 5 }, again))
  expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true)
  expect(numbers.reduce((sum, number) => sum + number) / numbers.length).toBeCloseTo(0.5, 1)
})

// From the generator's own implementation in C, with unsigned 32-bit integers.
test.each([
  [0, [1144304738, 1416247, 958946056, 627933444]],
  [3, [3093350482, 166052715, 1959330548, 321813351]],
  [2 ** 31, [3524353788, 1924613307, 3365584844, 2199219949]],
])('random is mulberry32: seed %i', (seed, expected) => {
  expect(Array.from({ length: 4 }, random(seed))).toEqual(expected.map((each) => each / 2 ** 32))
})

// scipy.stats.t.ppf of SciPy 1.17.1; the first of each also stand in every printed table.
test.each([
  [1, 0.975, 12.706204736175],
  [2, 0.975, 4.302652729749],
  [3, 0.975, 3.182446305284],
  [4, 0.975, 2.776445105198],
  [5, 0.975, 2.570581835636],
  [8, 0.975, 2.306004135204],
  [10, 0.975, 2.228138851986],
  [11, 0.975, 2.200985160083],
  [30, 0.975, 2.042272456301],
  [1, 0.995, 63.656741162872],
  [2, 0.9975, 14.089047275555],
  [3, 0.9999, 22.203742273205],
  [4, 0.9999, 13.033671720897],
  [10, 0.9975, 3.581406202091],
])("Student's t with %i degrees of freedom at %f is %f", (degrees, probability, expected) => {
  expect(Math.abs(studentT(probability, degrees) / expected - 1)).toBeLessThan(1e-11)
})

// scipy.stats.norm.sf: an end of an interval that is looked at several times lies far out.
test.each([
  [0, 0.5],
  [1, 0.158655253931],
  [2, 0.022750131948],
  [3.5, 0.000232629079],
  [5, 2.866515718792e-7],
])('above %f lies %f of the normal distribution', (z, expected) => {
  expect(Math.abs(normalTail(z) / expected - 1)).toBeLessThan(2e-7)
})

/**
 * Of an odd number of pairs in one session the resamples' medians are pairs themselves, the k-th smallest or one below it in a share of
 * P(Bin(n, k ÷ n) > n ÷ 2) (Efron, "Bootstrap methods: another look at the jackknife", 1979). The ranks below are where that first
 * exceeds P(Z > t × sqrt(n ÷ (n - 1))), as Hesterberg's expansion asks for; by SciPy.
 */
test.each([
  [7, 0.05, 1],
  [9, 0.05, 2],
  [11, 0.05 / 3, 2],
  [15, 0.05, 4],
  [15, 0.05 / 3, 3],
  [15, 0.3, 6],
  [13, 0.4, 5],
])('the interval of %i pairs at error %f ends at the pairs of rank %i from both ends', (pairs, error, rank) => {
  // Not in order, and not symmetrical.
  const ratios = Array.from({ length: pairs }, (_, index) => 2 + ((index * 4) % pairs) ** 2)
  const { low, median, high } = ratioOf([ratios], 5, error)
  const ranked = [...ratios].sort((a, b) => a - b)
  expect(low).toBeCloseTo(ranked[rank - 1] as number, 9)
  expect(median).toBeCloseTo(ranked[(pairs - 1) / 2] as number, 9)
  expect(high).toBeCloseTo(ranked[pairs - rank] as number, 9)
})

test('restarts are drawn first: pairs that agree within each say no more than one', () => {
  // Two of three restarts drawn alike have the median: 7 of 27 at either end. Were all 15 pairs drawn alike, it would be 9 of 100.
  const { low, median, high } = ratioOf([Array(5).fill(2), Array(5).fill(3), Array(5).fill(5)], 1, 0.3)
  expect([low, median, high].map((end) => end.toFixed(9))).toEqual([
    '2.000000000',
    '3.000000000',
    '5.000000000',
  ])
})

test('a restart without a pair changes nothing', () => {
  expect(ratioOf([[], [2, 3, 4], [], [5, 6, 7]])).toEqual(
    ratioOf([
      [2, 3, 4],
      [5, 6, 7],
    ]),
  )
})

// R: t.test(log(ratios), conf.level = 1 - error), by SciPy; of few pairs nothing narrower holds.
test.each([
  [[4, 5, 7], 0.05, 2.57899022, 10.4544774],
  [[3, 3, 3.2, 8, 8.2, 8.5], 0.05 / 3, 2.29835281, 10.97711942],
])("the interval of %j at error %f spans Student's: %f to %f", (ratios, error, expectedLow, expectedHigh) => {
  const { low, high } = ratioOf([ratios], 1, error)
  expect(low).toBeCloseTo(expectedLow, 7)
  expect(high).toBeCloseTo(expectedHigh, 6)
})

test("the interval of few pairs spans the resamples' too, where those reach farther", () => {
  // Student's: 0.4413 to 5.6923. The largest is the median of a resample in P(Bin(5, 1 ÷ 5) > 2) = 0.058.
  const { low, high } = ratioOf([[1, 1, 1, 1, 10]])
  expect(low).toBeCloseTo(0.44127668, 7)
  expect(high).toBeCloseTo(10, 9)
})

test('pairs are enough where the smallest and the largest miss the truth as often as the interval may', () => {
  // Five pairs lie on one side of it in 2 ÷ 2⁵ of all runs.
  const ratios = [2, 2.1, 5, 8.9, 9]
  const enough = ratioOf([ratios], 1, 0.0625)
  expect([enough.low >= 2 - 1e-9, enough.high <= 9 + 1e-9]).toEqual([true, true])
  expect(ratioOf([ratios], 1, 0.0624).low).toBeLessThan(1.95)
})

test('an interval that is looked at several times is wider', () => {
  const ratios = [4, 4.5, 5, 5.5, 6, 5.2, 4.8, 5.1]
  const [once, thrice] = [ratioOf([ratios]), ratioOf([ratios], 1, 0.05 / 3)]
  expect(thrice.high - thrice.low).toBeGreaterThan(once.high - once.low)
})

test('of a single pair nothing can be said', () => {
  const { median, ...rest } = ratioOf([[5]])
  expect(median).toBeCloseTo(5, 12)
  expect(rest).toEqual({ low: 0, high: Number.MAX_VALUE, pairs: 1 })
})

test('sessions that differ widen the interval, though all of their pairs agree', () => {
  const within = ratioOf([[4.9, 5, 5.1, 5, 4.9, 5, 5.1, 5]])
  const between = ratioOf([
    [4.9, 5, 5.1, 5],
    [5.9, 6, 6.1, 6],
    [6.9, 7, 7.1, 7],
  ])
  const width = ({ low, median, high }: typeof within) => (high - low) / median
  expect(width(between)).toBeGreaterThan(3 * width(within))
})

test('two pairs may both lie on one side of the truth, so that their interval reaches far beyond them', () => {
  const { median, low, high } = ratioOf([[2.7], [2.8]])
  expect(median).toBeCloseTo(Math.sqrt(2.7 * 2.8), 12)
  // Student's t of one degree of freedom: 12.7 / sqrt(2) standard deviations, which are half the difference × sqrt(2).
  expect(Math.log(high / median)).toBeCloseTo((12.706 / 2) * Math.log(2.8 / 2.7), 4)
  expect(Math.log(median / low)).toBeCloseTo((12.706 / 2) * Math.log(2.8 / 2.7), 4)
})

test('where an end is beyond all numbers, it is the largest', () => {
  expect(ratioOf([[1e-100, 1e100]])).toMatchObject({ low: 0, high: Number.MAX_VALUE })
})

test.each([
  ['one session', 1, 2, 0],
  ['one session', 1, 3, 0],
  ['one session', 1, 4, 0],
  ['one session', 1, 5, 0],
  ['two sessions of one pair', 2, 1, 0.5],
  ['three sessions of one pair', 3, 1, 0.5],
  ['one session', 1, 6, 0],
  ['three sessions alike', 3, 4, 0],
  ['three sessions that differ', 3, 4, 0.5],
])(
  'the interval holds the truth about as often as it says: %s, %i × %i',
  (_, sessions, pairs, between) => {
    const next = random(11)
    const normal = () => Array.from({ length: 12 }, next).reduce((sum, each) => sum + each) - 6
    let held = 0
    for (let run = 0; run < 60; run++) {
      const ratios = Array.from({ length: sessions }, () => {
        const own = between * normal()
        return Array.from({ length: pairs }, () => Math.exp(0.03 * (own + normal())))
      })
      const { low, high } = ratioOf(ratios, run)
      if (low <= 1 && 1 <= high) held++
    }
    expect(held).toBeGreaterThanOrEqual(54) // 90 %; some 58 are expected
  },
  60_000,
)
