import { describe, expect, test, vi } from 'vitest'
import { random } from '../../workload/random.ts'
import { sampleMeasurement } from '../fixture.ts'
import { studentT } from '../ratio.ts'
import {
  fitLaw,
  isFitted,
  type Law,
  type Scaling,
  scalingOf,
  type Throughput,
  throughputOf,
  throughputsOf,
} from './scaling.ts'

// Thousands of fits, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const usual = [1, 5, 20, 100]
const exact = (law: Law, numbers = usual): Throughput[] =>
  numbers.flatMap((clients) =>
    [1, 2].flatMap((session) => [1, 2].map(() => ({ clients, session, tps: throughputOf(law, clients) }))),
  )
function fitted(blocks: Throughput[]): Scaling {
  const scaling = scalingOf(blocks)
  if (!isFitted(scaling)) throw new Error(scaling.impossible)
  return scaling
}

describe('exact throughput gives its law back', () => {
  test.each<[number, number, number]>([
    [0.02, 0.0005, 1000],
    [0.2, 0.01, 6000],
    [0.9, 0.1, 3],
    [0, 0.001, 250],
    [0.1, 0, 250],
    [0, 0, 40],
    [1e-4, 1e-7, 1e6],
    // Every client more costs more than it brings.
    [1.5, 0.02, 900],
  ])('α %d, β %d, γ %d', (alpha, beta, gamma) => {
    const scaling = fitted(exact({ alpha, beta, gamma }))
    expect(scaling.alpha.value).toBeCloseTo(alpha, 6)
    expect(scaling.beta.value).toBeCloseTo(beta, 7)
    expect(scaling.gamma.value / gamma).toBeCloseTo(1, 6)
    for (const { residual } of scaling.levels) expect(Math.abs(residual)).toBeLessThan(1e-6)
    // Without noise there is nothing to be unsure of.
    expect(scaling.gamma.high - scaling.gamma.low).toBeLessThan(1e-4 * gamma)
  })
})

/** Fits by R's nls() with its algorithm "port" and the same bounds and start: package usl 3, github.com/smoeding/usl. */
describe('published fits', () => {
  const levels = (data: readonly (readonly [number, number])[]) =>
    data.map(([clients, tps]) => ({ clients, tps, scale: 1 }))

  test('SPEC SDM91 on a SPARCcenter 2000 (Gunther 2007; README and tests of the package)', () => {
    const law = fitLaw(
      levels([
        [1, 64.9],
        [18, 995.9],
        [36, 1652.4],
        [72, 1853.2],
        [108, 1828.9],
        [144, 1775.0],
        [216, 1702.2],
      ]),
    )
    expect(law.alpha).toBeCloseTo(0.0277285, 6)
    expect(law.beta).toBeCloseTo(0.0001044, 7)
    expect(law.gamma).toBeCloseTo(89.995233, 3)
    const peak = Math.sqrt((1 - law.alpha) / law.beta)
    expect(peak).toBeCloseTo(96.51956, 2)
    expect(throughputOf(law, peak)).toBeCloseTo(1884, 0)
  })

  test('a ray tracer on an SGI Origin 2000 (Gunther 2007; vignette: β is 0, the law is that of Amdahl)', () => {
    const law = fitLaw(
      levels([
        [1, 20],
        [4, 78],
        [8, 130],
        [12, 170],
        [16, 190],
        [20, 200],
        [24, 210],
        [28, 230],
        [32, 260],
        [48, 280],
        [64, 310],
      ]),
    )
    expect(law.beta).toBe(0)
    expect(law.alpha).toBeGreaterThan(0.04)
    expect(law.alpha).toBeLessThan(0.06)
  })

  test('the figures that the package tests both of its solvers with', () => {
    const law = fitLaw(
      levels([
        [1, 1],
        [2, 1.8868],
        [4, 3.0769],
        [6, 3.5294],
        [8, 3.5398],
        [10, 3.3557],
      ]),
    )
    expect(law.alpha).toBeCloseTo(0.02, 3)
    expect(law.beta).toBeCloseTo(0.02, 3)
    expect(law.gamma).toBeCloseTo(1, 3)
  })

  test('a Cisco benchmark (B. Schwartz, "Practical Scalability Analysis with the USL"; 1 to 32 clients)', () => {
    const tps = [
      ...[955.16, 1878.91, 2688.01, 3548.68, 4315.54, 5130.43, 5931.37, 6531.08, 7219.8, 7867.61, 8278.71],
      ...[8646.7, 9047.84, 9426.55, 9645.37, 9897.24, 10097.6, 10240.5, 10532.39, 10798.52, 11151.43],
      ...[11518.63, 11806, 12089.37, 12075.41, 12177.29, 12211.41, 12158.93, 12155.27, 12118.04, 12140.4],
      12074.39,
    ]
    const law = fitLaw(levels(tps.map((each, index) => [index + 1, each])))
    expect(law.alpha / 0.02671591).toBeCloseTo(1, 4)
    expect(law.beta / 7.690945e-4).toBeCloseTo(1, 4)
    expect(law.gamma / 995.6486).toBeCloseTo(1, 4)
    const peak = Math.sqrt((1 - law.alpha) / law.beta)
    expect(Math.floor(peak)).toBe(35)
    expect(Math.floor(throughputOf(law, 35))).toBe(12341)
  })
})

test('residuals are relative: a tenth too much weighs alike at one client and at a hundred', () => {
  const law = { alpha: 0.05, beta: 0.0001, gamma: 100 }
  const blocks = [1, 2, 10, 50, 100].map((clients) => ({
    ...{ clients, session: 1, tps: throughputOf(law, clients) * (clients === 10 ? 1.1 : 1) },
  }))
  const { levels } = fitted(blocks)
  expect(levels.map(({ clients }) => clients)).toEqual([1, 2, 10, 50, 100])
  for (const { measured, fitted, residual } of levels)
    expect(residual).toBeCloseTo((measured - fitted) / measured, 12)
  expect(levels[2]?.residual).toBeGreaterThan(0.03)
  // Times 1,000 all around it is the same law of other units.
  const larger = fitted(blocks.map((block) => ({ ...block, tps: 1000 * block.tps })))
  expect(larger.levels.map(({ residual }) => residual.toFixed(6))).toEqual(
    levels.map(({ residual }) => residual.toFixed(6)),
  )
})

describe('the peak', () => {
  test('is where the law says, within twice what was measured', () => {
    const { peak } = fitted(exact({ alpha: 0.1, beta: 0.001, gamma: 100 }))
    // √(0.9 ÷ 0.001) = 30; X = 3,000 ÷ (1 + 2.9 + 0.87)
    expect(peak?.clients).toBeCloseTo(30, 4)
    expect(peak?.tps).toBeCloseTo(3000 / 4.77, 4)
  })

  test.each([
    // √(0.9 ÷ 0.00001) = 300
    [{ alpha: 0.1, beta: 0.00001, gamma: 100 }],
    [{ alpha: 0.1, beta: 0, gamma: 100 }],
  ])('is not told where it lies beyond: %o', (law) => {
    expect(fitted(exact(law))).not.toHaveProperty('peak')
  })

  test.each([
    [{ alpha: 2, beta: 0.001, gamma: 100 }],
    [{ alpha: 2, beta: 0, gamma: 100 }],
    // √(0.1 ÷ 0.4) = 0.5, and there is no half of a client.
    [{ alpha: 0.9, beta: 0.4, gamma: 100 }],
  ])('is at one client where every other costs more than it brings: %o', (law) => {
    expect(fitted(exact(law)).peak?.clients).toBe(1)
  })
})

describe('the curve', () => {
  const scaling = fitted(exact({ alpha: 0.1, beta: 0.001, gamma: 100 }))

  test('reaches to twice the most clients that were measured', () => {
    expect(scaling.curve[0]).toMatchObject({ clients: 1 })
    expect(scaling.curve[0]?.value).toBeCloseTo(100, 3)
    expect(scaling.curve.at(-1)?.clients).toBe(200)
    expect(scaling.curve.at(-1)?.value).toBeCloseTo(20_000 / (1 + 19.9 + 39.8), 3)
    const known = scaling.curve.map(({ clients }) => clients)
    expect(known).toEqual(expect.arrayContaining(usual))
    expect(known).toEqual([...new Set(known)].sort((a, b) => a - b))
  })

  test('begins at the fewest, in steps that grow by some six in a hundred, with what was measured among them', () => {
    const known = fitted(exact({ alpha: 0.1, beta: 0.001, gamma: 100 }, [5, 37, 73, 100])).curve.map(
      ({ clients }) => clients,
    )
    expect([known[0], known.at(-1)]).toEqual([5, 200])
    expect(known).toEqual(expect.arrayContaining([37, 73]))
    for (const [at, clients] of known.slice(1).entries())
      expect(clients - (known[at] ?? 0)).toBeLessThanOrEqual(1 + (40 ** (1 / 59) - 1) * clients)
  })
})

describe('what cannot be fitted', () => {
  const law = { alpha: 0.1, beta: 0.001, gamma: 100 }
  test.each([
    [[], 'there are 0'],
    [[20], 'there is 1'],
    [[1, 20], 'there are 2'],
  ])('numbers of clients %j', (numbers, expected) => {
    const scaling = scalingOf(exact(law, numbers))
    expect(scaling).toEqual({ impossible: expect.stringContaining(expected) })
  })

  test('three numbers are enough, and are met exactly', () => {
    for (const { residual } of fitted(exact(law, [1, 5, 20])).levels) expect(residual).toBeCloseTo(0, 6)
  })

  test('no right answer', () => {
    const blocks = exact(law).map((block) => (block.clients === 5 ? { ...block, tps: 0 } : block))
    expect(scalingOf(blocks)).toEqual({ impossible: 'At 5 clients there was no right answer' })
  })
})

describe('intervals', () => {
  const truth = { alpha: 0.05, beta: 0.0005, gamma: 1000 }
  /** Blocks of the law, each off by a few percent, as drawn; sessions differ by as much. */
  function noisy(seed: number, sessions = 3, pairs = 4, spread = 0.03): Throughput[] {
    const next = random(seed)
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
    return Array.from({ length: sessions }, (_, index) => index + 1).flatMap((session) => {
      const own = spread * normal()
      return usual.flatMap((clients) =>
        Array.from({ length: pairs }, () => ({
          ...{ clients, session, tps: throughputOf(truth, clients) * Math.exp(own / 2 + spread * normal()) },
        })),
      )
    })
  }

  test('hold the fit, at every number of clients', () => {
    const { alpha, beta, gamma, curve } = fitted(noisy(1))
    for (const { value, low, high } of [alpha, beta, gamma, ...curve]) {
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
      expect(low).toBeGreaterThanOrEqual(0)
    }
  })

  test('hold the truth in most of fifteen seeded runs', () => {
    const held = { alpha: 0, beta: 0, gamma: 0 }
    for (let seed = 1; seed <= 15; seed++) {
      const scaling = fitted(noisy(seed))
      for (const name of ['alpha', 'beta', 'gamma'] as const)
        if (scaling[name].low <= truth[name] && truth[name] <= scaling[name].high) held[name]++
    }
    for (const count of Object.values(held)) expect(count).toBeGreaterThanOrEqual(12)
  })

  test('are wider where there is more noise, and narrower where there are more blocks', () => {
    const width = (blocks: Throughput[]) => {
      const { low, high } = fitted(blocks).gamma
      return high - low
    }
    const usualWidth = width(noisy(3))
    expect(width(noisy(3, 3, 4, 0.1))).toBeGreaterThan(2 * usualWidth)
    expect(width(noisy(3, 12, 4))).toBeLessThan(usualWidth)
  })

  test('are as wide as the axis where there is one block each', () => {
    const { gamma } = fitted(noisy(1, 1, 1))
    expect([gamma.low, gamma.high]).toEqual([0, Number.MAX_VALUE])
  })

  /**
   * Through three numbers of clients the law goes exactly, so that there its resamples are those of a mean.
   *
   * @param off by which share each of the blocks is off, at each number
   */
  const throughThree = (off: readonly number[]) =>
    [1, 10, 50].flatMap((clients) =>
      off.map((each) => ({ clients, session: 1, tps: throughputOf(truth, clients) * (1 + each) })),
    )

  test.each([
    // Few blocks: of their spread alone, which all numbers tell together.
    [[-0.02, 0.02], 3],
    [[-0.02, 0.01, -0.01, 0.02], 9],
    // Enough: of their resamples.
    [[-0.02, 0.01, -0.01, 0.02, 0.015, -0.015, 0.005, -0.005, 0, 0.01, -0.01, 0], 11],
  ])('of a mean are those of Student: %j', (off, degrees) => {
    const variance = off.reduce((sum, each) => sum + each ** 2, 0) / (off.length - 1)
    const { curve, blocks } = fitted(throughThree(off))
    expect(blocks).toBe(off.length)
    for (const clients of [1, 10, 50]) {
      const { value, low, high } = curve.find((each) => each.clients === clients) as (typeof curve)[number]
      const expected =
        studentT(0.975, degrees) * Math.sqrt(variance / off.length) * throughputOf(truth, clients)
      expect(value / throughputOf(truth, clients)).toBeCloseTo(1, 5)
      expect((high - low) / 2 / expected).toBeGreaterThan(0.93)
      expect((high - low) / 2 / expected).toBeLessThan(1.07)
    }
  })

  test('a session that lacks a number of clients is drawn with others that have it', () => {
    const all = [1, 2].flatMap((session) =>
      throughThree([-0.01, 0.01]).map((block) => ({ ...block, session })),
    )
    const { gamma, blocks } = fitted(all.filter(({ session, clients }) => session === 1 || clients < 50))
    expect(blocks).toBe(2)
    expect(gamma.value).toBeCloseTo(truth.gamma, 3)
    expect(gamma.low).toBeGreaterThan(0.8 * truth.gamma)
    expect(gamma.high).toBeLessThan(1.2 * truth.gamma)
  })

  test('are the same for the same seed', () => {
    expect(scalingOf(noisy(1), 7)).toEqual(scalingOf(noisy(1), 7))
  })
})

test('blocks of a side alone count, and of these no null operations', () => {
  const measurement = sampleMeasurement()
  const [first] = measurement.blocks
  measurement.blocks.push({ ...(first as (typeof measurement.blocks)[number]), phase: 'beside', tps: 1 })
  const own = throughputsOf(measurement, 'postgres')
  expect(own.length).toBe(
    measurement.blocks.filter(({ key, phase }) => key === 'postgres' && phase === 'measure').length,
  )
  expect(own.every(({ clients, session, tps }) => clients === 1 && session === 1 && tps > 1)).toBe(true)
})
