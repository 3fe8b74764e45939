/**
 * The capacity of a side: the rate at which it uses all that its objective allows, with a 95 % interval.
 *
 * All rates that were measured are first made never to fall (isotonic regression), which tells between which two of them the capacity
 * lies. Near it a line is fitted to the rounds (line.ts), and where it crosses the limit is the capacity. Its interval comes of resamples
 * of rounds and of sessions (resample.ts): the requests of a round share their queue, and the rounds of a session their process.
 * All sides of a round are drawn together, so that the ratio of capacities is paired. Where neighbouring rates are far below the limit
 * and far above it there is no line to fit: latency is a cliff, and the interval is that of the rates that are proven (proven.ts).
 */
import { quantileSorted } from 'simple-statistics'
import type { Ratio } from '../ratio.ts'
import type { Objective, Point, Term } from './evidence.ts'
import { grouped, roundsOf, sumOf, usesOf } from './excess.ts'
import { isotonic } from './isotonic.ts'
import { type Line, lineOf, type Sample, scaled } from './line.ts'
import { provenEnds } from './proven.ts'
import { plainTailOf, tailOf, weightsBy } from './resample.ts'
import { growthOf } from './steadiness.ts'

export interface Capacity {
  capacity: number
  /** Ends of the 95 % interval; of a bisection the highest rate that is proven to hold and the lowest that is proven to be crossed. */
  low: number
  high: number
  way: 'fit' | 'bisection'
  /** The measured rates between which it lies. */
  bracket: readonly [holds: number, crossed: number]
  /** By how much the logarithm of what is used rises with that of the rate; 0 of a bisection. */
  slope: number
  /** Rounds that the line was fitted to. */
  rounds: number
}

/** Between which measured rates a capacity lies; an end is missing where no rate is on that side of it. */
export interface Bracket {
  holds?: number
  crossed?: number
  /** Not a limit of the objective is crossed there: a backlog grows. */
  isBacklog: boolean
}

const shareOf = (term: Term) =>
  term.figure === 'percentile' ? 1 - term.share : term.figure === 'failures' ? term.limit : 0

/** By rate, what each term uses of what it may, made never to fall. */
function monotone(points: readonly Point[], objective: Objective) {
  const rates = grouped(points, ({ rate }) => rate)
  const terms = objective.terms.map((_, term) => {
    const sums = rates.map(([, at]) => sumOf(at.map((point) => usesOf(point, objective)[term] as never)))
    return isotonic(
      sums.map(({ used, allowed }) => used / allowed),
      sums.map(({ allowed }) => allowed),
    )
  })
  return { rates, terms }
}

/** @param points of one side */
export function bracketOf(points: readonly Point[], objective: Objective): Bracket {
  const { rates, terms } = monotone(points, objective)
  const isOver = rates.map((_, at) => terms.some((use) => (use[at] as number) > 1))
  const isGrowing = rates.map(([, at]) => growthOf(at).isGrowing)
  // A backlog below a rate that has none is chance.
  let first = rates.length
  while (first > 0 && (isOver[first - 1] || isGrowing[first - 1])) first--
  const [holds, crossed] = [rates[first - 1]?.[0], rates[first]?.[0]]
  return {
    ...(holds === undefined ? {} : { holds }),
    ...(crossed === undefined ? {} : { crossed }),
    isBacklog: crossed !== undefined && !isOver[first],
  }
}

/** On the scale of line.ts: rounds further from the limit say little about where it is crossed. */
const [lowest, highest] = [-2.3, 2]
/** Rounds. */
const enough = 8
/** As a share of the rate: further from it the line bends. */
const widest = 0.2

interface TermFit {
  share: number
  samples: Sample[]
  /** The samples' places among all rounds. */
  places: number[]
  line: Line
  /** Between which z a root is told by these samples: from a unit of the line's scale below them to as much above. */
  ends: readonly [number, number]
}

interface Estimator {
  bracket: [holds: number, crossed: number]
  middle: number
  fits: TermFit[]
}

type Placed = { point: Point; place: number }

const rootOf = ({ level, slope }: Line, [least, most]: readonly [number, number]) =>
  Math.max(least, Math.min(most, -level / slope))

function fitTerm(
  placed: Placed[],
  objective: Objective,
  term: number,
  bracket: readonly [number, number],
  use: number[],
  rates: number[],
): TermFit | undefined {
  const share = shareOf(objective.terms[term] as Term)
  const middle = Math.sqrt(bracket[0] * bracket[1])
  const all = placed.map(({ point, place }) => {
    const { used, allowed } = usesOf(point, objective)[term] as { used: number; allowed: number }
    return { place, rate: point.rate, sample: { z: point.rate / middle - 1, used, allowed } }
  })
  const chosen = (are: (rate: number) => boolean, line: Line): TermFit => {
    const near = all.filter(({ rate }) => are(rate))
    const samples = near.map(({ sample }) => sample)
    const fitted = lineOf(samples, new Float64Array(samples.length).fill(1), share, line, 1)
    const zs = samples.map(({ z }) => z)
    const more = 1 / fitted.slope
    const ends = [Math.max(-0.9, Math.min(...zs) - more), Math.max(...zs) + more] as const
    return { share, samples, places: near.map(({ place }) => place), line: fitted, ends }
  }
  const heights = use.map((ratio) => scaled(ratio, 1, share))
  const isNear = (height: number) => height >= lowest && height <= highest
  const zOf = (rate: number) => rate / middle - 1
  const told = rates.filter((_, at) => isNear(heights[at] as number))
  if (told.length === 0) return undefined
  // Far below, what a machine does at any rate makes most of the tail: it says nothing of how that rises. It is used for want of others.
  const close = told.filter((rate) => Math.abs(zOf(rate)) <= widest)
  const first = all.filter(({ rate }) => close.includes(rate)).length >= enough ? close : told
  const crossing = heights.findIndex((height) => height > 0)
  // To begin with the line from the one to the other of the rates between which the limit is crossed.
  const [below, above] = [crossing - 1, crossing].map((at) => ({
    z: zOf(rates[at] as number),
    height: Math.max(lowest, Math.min(highest, heights[at] as number)),
  })) as [{ z: number; height: number }, { z: number; height: number }]
  const slope = Math.max(3, Math.min(200, (above.height - below.height) / (above.z - below.z)))
  const start: Line = { level: below.height - slope * below.z, slope }
  const begun = -start.level / slope
  // It needs rates on both sides of the limit, and rounds enough; those with nearly all over the limit only lead it astray.
  const taken = new Set([...first, rates[crossing - 1] as number, rates[crossing] as number])
  const others = rates
    .filter((rate, at) => !taken.has(rate) && (heights[at] as number) < 3)
    .sort((a, b) => Math.abs(zOf(a) - begun) - Math.abs(zOf(b) - begun))
  const count = () => all.filter(({ rate }) => taken.has(rate)).length
  for (const rate of others) if (count() < enough) taken.add(rate)
  let fit = chosen((rate) => taken.has(rate), start)
  for (let again = 0; again < 2; again++) {
    const { line } = fit
    const root = rootOf(line, [-widest, widest])
    const near = new Set(
      rates.filter(
        (rate) => isNear(line.level + line.slope * zOf(rate)) && Math.abs(zOf(rate) - root) <= widest,
      ),
    )
    const zs = all.filter(({ rate }) => near.has(rate)).map(({ sample }) => sample.z)
    if (zs.length < enough || !zs.some((z) => z < root) || !zs.some((z) => z > root)) break
    fit = chosen((rate) => near.has(rate), line)
  }
  return fit
}

/** Undefined where the capacity does not lie between two measured rates. */
function estimatorOf(placed: Placed[], objective: Objective): Estimator | undefined {
  const points = placed.map(({ point }) => point)
  const { holds, crossed, isBacklog } = bracketOf(points, objective)
  if (holds === undefined || crossed === undefined) return undefined
  const bracket: [number, number] = [holds, crossed]
  const { rates, terms } = monotone(points, objective)
  const each = rates.map(([rate]) => rate)
  const fits: TermFit[] = []
  for (const [term, use] of terms.entries()) {
    if (isBacklog || !use.some((ratio) => ratio > 1)) continue
    const fit = fitTerm(placed, objective, term, bracket, use, each)
    if (fit) fits.push(fit)
    // A cliff below all that can be fitted is what ends first.
    else if ((use[each.indexOf(crossed)] as number) > 1)
      return { bracket, middle: Math.sqrt(holds * crossed), fits: [] }
  }
  return { bracket, middle: Math.sqrt(holds * crossed), fits }
}

/** The lowest rate at which a term is crossed, and by which of them. */
function lowestRoot({ middle, fits }: Estimator, lines: readonly Line[]): { rate: number; at: number } {
  const roots = fits.map(({ ends }, at) => middle * (1 + rootOf(lines[at] as Line, ends)))
  const rate = Math.min(...roots)
  return { rate, at: roots.indexOf(rate) }
}

const whole = (estimator: Estimator) =>
  lowestRoot(
    estimator,
    estimator.fits.map(({ line }) => line),
  )

/**
 * Of a resample the slope is held near that of all rounds: a few rounds drawn several times can make a line all but level, whose
 * root then says nothing. Rounds lie on both sides of the root, so that the slope matters little to it.
 */
const slopeKnown = 0.5

/** NaN where the resample has no round near the limit. */
function resampled(estimator: Estimator, weights: Float64Array): number {
  const lines: Line[] = []
  for (const { samples, places, share, line } of estimator.fits) {
    const counts = new Float64Array(places.length)
    let total = 0
    for (let index = 0; index < places.length; index++) {
      counts[index] = weights[places[index] as number] as number
      total += counts[index] as number
    }
    if (total === 0) return Number.NaN
    lines.push(lineOf(samples, counts, share, line, slopeKnown))
  }
  return lowestRoot(estimator, lines).rate
}

/** By side, its points with their places among all rounds. */
function placesOf(points: readonly Point[]) {
  const sessions = roundsOf(points)
  const sides = new Map<string, Placed[]>()
  for (const [place, round] of sessions.flat().entries())
    for (const point of round) sides.set(point.side, [...(sides.get(point.side) ?? []), { point, place }])
  return { sizes: sessions.map(({ length }) => length), sides }
}

/**
 * Requests over a limit come in bursts, and rounds that happen to miss them look alike, so that resamples of these are too narrow; also
 * a search ends sooner where they are. Chosen by
 * simulated searches of M/M/1 at p99, so it is no more than a correction that helped there: of 100 searches each, most kinds of server then
 * are held in 91 to 99, but M/D/1 at p99.9, where few requests are over the limit, in 76 (bench/capacity-simulated.ts).
 */
const stretch = 1.2
/** No interval is narrower than this to each side, as a share of the capacity: so few sessions tell no more. */
const finest = 0.015

/**
 * Ends of the interval: those of resamples of rounds, as wide as Student's t asks for, or of resamples of whole sessions, where these
 * differ by more than their rounds do. (Rounds within sessions at once, as ratio.ts draws pairs within restarts, count what rounds
 * differ by twice where sessions do not differ.)
 *
 * @param logOf the logarithm of what is estimated, from a resample
 * @param floor the least half-width
 */
function endsOf(
  { sizes, resamples, seed, rounds }: { sizes: number[]; resamples: number; seed: number; rounds: number },
  centre: number,
  floor: number,
  logOf: (weights: Float64Array) => number,
): [low: number, high: number] {
  const least = Math.max(floor, finest / stretch)
  let [low, high] = [centre - least, centre + least]
  const take = (weights: Iterable<Float64Array>, tail: number) => {
    const sorted = Array.from(weights, logOf)
      .filter(Number.isFinite)
      .sort((a, b) => a - b)
    if (sorted.length === 0) return
    low = Math.min(low, quantileSorted(sorted, tail))
    high = Math.max(high, quantileSorted(sorted, 1 - tail))
  }
  take(weightsBy('rounds', sizes, resamples, seed), tailOf(rounds))
  if (sizes.length > 1) take(weightsBy('sessions', sizes, resamples, seed), plainTailOf(sizes.length))
  return [Math.exp(centre - stretch * (centre - low)), Math.exp(centre + stretch * (high - centre))]
}

/** Below so many rounds near the limit the interval spans the two rates around it, too. */
const few = 6

/** Chance alone, were all requests independent, in the logarithm of the rate. */
function chanceOf({ share, samples, line }: TermFit): number {
  if (share === 0) return 0
  const allowed = samples.reduce((sum, sample) => sum + sample.allowed, 0)
  return 1.96 / Math.sqrt(allowed) / line.slope
}

/**
 * @param points of all sides, or of one
 * @returns undefined where no rate holds, or none is crossed
 */
export function capacityOf(
  points: readonly Point[],
  side: string,
  objective: Objective,
  seed = 1,
  resamples = 2000,
): Capacity | undefined {
  const { sizes, sides } = placesOf(points.filter((point) => point.side === side))
  const estimator = estimatorOf(sides.get(side) ?? [], objective)
  if (!estimator) return undefined
  const { bracket, middle, fits } = estimator
  if (fits.length === 0) {
    const own = points.filter((point) => point.side === side)
    const [low, high] = provenEnds(own, objective, bracket, seed)
    return { capacity: middle, low, high, way: 'bisection', bracket, slope: 0, rounds: 0 }
  }
  const { rate, at } = whole(estimator)
  const binding = fits[at] as TermFit
  const rounds = binding.samples.length
  const drawn = { sizes, resamples, seed, rounds }
  const [low, high] = endsOf(drawn, Math.log(rate), chanceOf(binding), (weights) =>
    Math.log(resampled(estimator, weights)),
  )
  const isFew = rounds < few
  return {
    capacity: rate,
    low: isFew ? Math.min(low, bracket[0]) : low,
    high: isFew ? Math.max(high, bracket[1]) : high,
    ...{ way: 'fit', bracket, rounds },
    slope: binding.line.slope * (rate / middle),
  }
}

/** A side with what it is to hold. */
export interface Asked {
  side: string
  objective: Objective
}

/** The capacity of `above` ÷ that of `below`, from the same resamples. @returns undefined where either has none */
export function ratioOfCapacities(
  points: readonly Point[],
  above: Asked,
  below: Asked,
  seed = 1,
  resamples = 2000,
): Ratio | undefined {
  const { sizes, sides } = placesOf(points)
  const [top, bottom] = [above, below].map(({ side, objective }) =>
    estimatorOf(sides.get(side) ?? [], objective),
  )
  const [upper, lower] = [above, below].map(({ side, objective }) =>
    capacityOf(points, side, objective, seed, resamples),
  )
  if (!top || !bottom || !upper || !lower) return undefined
  const median = upper.capacity / lower.capacity
  if (upper.way === 'bisection' || lower.way === 'bisection')
    return {
      median,
      low: upper.low / lower.high,
      high: upper.high / lower.low,
      pairs: sizes.reduce((sum, size) => sum + size, 0),
    }
  const pairs = Math.min(upper.rounds, lower.rounds)
  if (pairs < few) return { median, low: upper.low / lower.high, high: upper.high / lower.low, pairs }
  const [low, high] = endsOf({ sizes, resamples, seed, rounds: pairs }, Math.log(median), 0, (weights) =>
    Math.log(resampled(top, weights) / resampled(bottom, weights)),
  )
  return { median, low, high, pairs }
}
