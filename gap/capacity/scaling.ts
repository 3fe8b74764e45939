/**
 * Throughput by clients: the Universal Scalability Law, X(N) = γN ÷ (1 + α(N − 1) + βN(N − 1)), fitted to what the closed model
 * served (N. J. Gunther, "Guerrilla Capacity Planning", Springer 2007, chapters 4 to 6).
 *
 * γ is the throughput of one client, requests a second; α is contention, the share of work that is done one after another; β is
 * coherency, what each client costs each other one. All are bounded by 0. Residuals are relative to what was measured at a number
 * of clients, so that all numbers weigh alike. There is no R², which is close to 1 for any curve that rises as the data do:
 * who wants to know whether the law fits looks at the residuals. The intervals say how far noise may have moved the fit, not
 * whether the law is the right one.
 *
 * Intervals come from the same bootstrap as those of ratios (../ratio.ts): sessions, then blocks within them at each number of
 * clients, percentiles moved outwards as Student's t asks for. Of 60 simulated runs each (1, 5, 20 and 100 clients, noise of 3 %,
 * sessions that differ by half as much) those of α, β and γ held the truth in 59, 60 and 53 with 4 blocks in each of 3 sessions, in
 * 53, 57 and 47 with 2 blocks of a single session: by how much sessions differ one of them cannot tell.
 */
import { mean, quantileSorted, sampleStandardDeviation } from 'simple-statistics'
import { random } from '../../workload/random.ts'
import type { Measurement } from '../measurement.ts'
import { areFew, beyond, studentT } from '../ratio.ts'

/** A block. */
export interface Throughput {
  clients: number
  session: number
  /** Right answers a second. */
  tps: number
}

export interface Law {
  /** Contention. */
  alpha: number
  /** Coherency. */
  beta: number
  /** Throughput of one client, requests a second. */
  gamma: number
}

/** What was measured at a number of clients, in the mean. */
export interface Level {
  clients: number
  tps: number
  /** The unit of its residual: what was measured there makes residuals relative, 1 leaves them as they are. */
  scale: number
}

export interface Estimate {
  value: number
  /** Ends of the 95 % interval. */
  low: number
  high: number
}

export interface Scaling {
  alpha: Estimate
  beta: Estimate
  gamma: Estimate
  /** Blocks of each side at each number of clients, at least. */
  blocks: number
  levels: {
    clients: number
    /** Mean of the blocks. */
    measured: number
    fitted: number
    /** (measured − fitted) ÷ measured. */
    residual: number
  }[]
  /** From the fewest clients that were measured to twice the most. */
  curve: (Estimate & { clients: number })[]
  /** Where throughput is highest; absent where that is beyond twice the most clients that were measured, or nowhere. */
  peak?: { clients: number; tps: number }
}

/** Nothing can be said, and why, as a sentence. */
export interface NoScaling {
  impossible: string
}

export const isFitted = (scaling: Scaling | NoScaling): scaling is Scaling => 'curve' in scaling

export const throughputOf = ({ alpha, beta, gamma }: Law, clients: number) =>
  (gamma * clients) / (1 + alpha * (clients - 1) + beta * clients * (clients - 1))

/** The solution of A x = b for a positive definite A, by elimination; rows and columns that are not `free` are left at 0. */
function solved(matrix: readonly number[][], right: readonly number[], free: readonly number[]): number[] {
  const rows = free.map((row) => [...free.map((column) => matrix[row]?.[column] ?? 0), right[row] ?? 0])
  for (const [pivot, own] of rows.entries())
    for (const [index, row] of rows.entries())
      if (index !== pivot) {
        const factor = (row[pivot] as number) / (own[pivot] as number)
        for (const [column, value] of own.entries()) row[column] = (row[column] as number) - factor * value
      }
  const solution = right.map(() => 0)
  for (const [index, row] of rows.entries())
    solution[free[index] as number] = (row.at(-1) as number) / (row[index] as number)
  return solution
}

const mostSteps = 500

/**
 * Least squares by Levenberg and Marquardt, from γ = max(X ÷ N), α = 0.01 and β = 0.0001. A parameter that would fall below 0 stays
 * there; it is let go again where the slope asks for it (projected steps).
 */
export function fitLaw(levels: readonly Level[]): Law {
  const largest = Math.max(...levels.map(({ tps, clients }) => tps / clients))
  // In units of the start, so that all three are of one size.
  const units = [0.01, 0.0001, largest]
  const lawOf = ([alpha = 0, beta = 0, gamma = 0]: readonly number[]): Law => ({
    alpha: alpha * 0.01,
    beta: beta * 0.0001,
    gamma: gamma * largest,
  })
  const costOf = (point: readonly number[]) =>
    levels.reduce((sum, { clients, tps, scale }) => {
      const residual = (tps - throughputOf(lawOf(point), clients)) / scale
      return sum + residual * residual
    }, 0)
  let point = [1, 1, 1]
  let cost = costOf(point)
  let damping = 1e-3
  for (let step = 0; step < mostSteps; step++) {
    const matrix = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]
    const right = [0, 0, 0]
    for (const { clients, tps, scale } of levels) {
      const law = lawOf(point)
      const fitted = throughputOf(law, clients)
      const below = 1 + law.alpha * (clients - 1) + law.beta * clients * (clients - 1)
      const slopes = [
        (-fitted * (clients - 1)) / below,
        (-fitted * clients * (clients - 1)) / below,
        clients / below,
      ].map((slope, index) => (slope * (units[index] as number)) / scale)
      const residual = (tps - fitted) / scale
      for (const [row, slope] of slopes.entries()) {
        right[row] = (right[row] as number) + slope * residual
        for (const [column, other] of slopes.entries())
          (matrix[row] as number[])[column] = (matrix[row]?.[column] as number) + slope * other
      }
    }
    const free = [0, 1, 2].filter((index) => (point[index] as number) > 0 || (right[index] as number) > 0)
    let isBetter = false
    let gain = 0
    while (!isBetter && damping < 1e12) {
      const damped = matrix.map((row, index) =>
        row.map((value, column) => (index === column ? value * (1 + damping) : value)),
      )
      const move = solved(damped, right, free)
      const next = point.map((value, index) => Math.max(0, value + (move[index] as number)))
      const nextCost = costOf(next)
      isBetter = nextCost < cost
      if (isBetter) {
        gain = (cost - nextCost) / cost
        point = next
        cost = nextCost
        damping = Math.max(damping / 10, 1e-12)
      } else damping *= 10
    }
    if (!isBetter || cost === 0 || (gain < 1e-12 && damping <= 1e-3)) break
  }
  return lawOf(point)
}

/** Whole numbers from the fewest to twice the most, some sixty, those that were measured among them. */
function numbersOfCurve(measured: readonly number[]): number[] {
  const [first, last] = [Math.min(...measured), 2 * Math.max(...measured)]
  const between = Array.from({ length: 60 }, (_, index) => Math.round(first * (last / first) ** (index / 59)))
  return [...new Set([...measured, ...between])].sort((a, b) => a - b)
}

/** Where the law has its highest throughput. */
function peakOf(law: Law, most: number): Scaling['peak'] {
  if (law.beta === 0 && law.alpha < 1) return undefined
  // From an α of 1 on every client more costs more than it brings.
  const clients = law.alpha >= 1 ? 1 : Math.max(1, Math.sqrt((1 - law.alpha) / law.beta))
  return clients <= 2 * most ? { clients, tps: throughputOf(law, clients) } : undefined
}

/** Blocks of each session at each of the numbers of clients, in the order of these. */
const bySession = (blocks: readonly Throughput[], numbers: readonly number[]): number[][][] =>
  [...new Set(blocks.map(({ session }) => session))].map((session) =>
    numbers.map((clients) =>
      blocks.filter((block) => block.session === session && block.clients === clients).map(({ tps }) => tps),
    ),
  )

/** Laws of as many resamples: sessions are drawn first, blocks within them. A draw that lacks a number of clients is drawn anew. */
function resampled(blocks: readonly Throughput[], levels: readonly Level[], seed: number): Law[] {
  const sessions = bySession(
    blocks,
    levels.map(({ clients }) => clients),
  )
  const next = random(seed)
  const drawn = <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T
  const laws: Law[] = []
  while (laws.length < resamples) {
    const own = sessions.map(() => drawn(sessions))
    const means = levels.map((level, index) => {
      const values = own.flatMap((session) => {
        const there = session[index] as number[]
        return there.map(() => drawn(there))
      })
      return { ...level, tps: values.length > 0 ? mean(values) : Number.NaN }
    })
    if (means.every(({ tps }) => tps >= 0)) laws.push(fitLaw(means))
  }
  return laws
}

/** @param degrees of freedom: blocks less numbers of clients */
function estimateOf(value: number, values: number[], blocks: number, degrees: number): Estimate {
  if (blocks < 2) return { value, low: 0, high: Number.MAX_VALUE }
  const sorted = values.sort((a, b) => a - b)
  const tail = beyond(blocks, error)
  // Few blocks: their resamples never leave the smallest and the largest, and spread too little.
  const half = areFew(blocks, error)
    ? studentT(1 - error / 2, degrees) * sampleStandardDeviation(sorted) * Math.sqrt(blocks / (blocks - 1))
    : 0
  return {
    value,
    low: Math.max(0, Math.min(quantileSorted(sorted, tail), value - half)),
    high: Math.max(quantileSorted(sorted, 1 - tail), value + half),
  }
}

const resamples = 2000
const error = 0.05
const fewestNumbers = 3

/** Blocks of a side that count for the law. */
export const throughputsOf = ({ blocks }: Pick<Measurement, 'blocks'>, side: string): Throughput[] =>
  blocks
    .filter(({ key, phase }) => key === side && phase === 'measure')
    .map(({ clients, session, tps }) => ({ clients, session, tps }))

/** @param blocks of one side in the closed model: in the open model throughput is what was offered */
export function scalingOf(blocks: readonly Throughput[], seed = 1): Scaling | NoScaling {
  const numbers = [...new Set(blocks.map(({ clients }) => clients))].sort((a, b) => a - b)
  if (numbers.length < fewestNumbers)
    return {
      impossible: `A law of three parameters needs throughput at ${fewestNumbers} numbers of clients or more; there ${numbers.length === 1 ? 'is' : 'are'} ${numbers.length}`,
    }
  const at = (clients: number) => blocks.filter((block) => block.clients === clients).map(({ tps }) => tps)
  const levels = numbers.map((clients): Level => {
    const tps = mean(at(clients))
    return { clients, tps, scale: tps }
  })
  const silent = levels.find(({ tps }) => !(tps > 0))
  if (silent) return { impossible: `At ${silent.clients} clients there was no right answer` }
  const law = fitLaw(levels)
  const laws = resampled(blocks, levels, seed)
  const fewest = Math.min(...numbers.map((clients) => at(clients).length))
  const estimate = (of: (law: Law) => number) =>
    estimateOf(of(law), laws.map(of), fewest, blocks.length - numbers.length)
  const peak = peakOf(law, Math.max(...numbers))
  return {
    alpha: estimate(({ alpha }) => alpha),
    beta: estimate(({ beta }) => beta),
    gamma: estimate(({ gamma }) => gamma),
    blocks: fewest,
    levels: levels.map(({ clients, tps: measured }) => {
      const fitted = throughputOf(law, clients)
      return { clients, measured, fitted, residual: (measured - fitted) / measured }
    }),
    curve: numbersOfCurve(numbers).map((clients) => ({
      clients,
      ...estimate((each) => throughputOf(each, clients)),
    })),
    ...(peak && { peak }),
  }
}
