/**
 * Does a side hold its objective at one rate?
 *
 * By what each term uses of what it allows (excess.ts), with an interval that spans three: that of resamples of sessions, then rounds,
 * since requests within a round share their queue; with few rounds that of Student's t for the mean of the logarithms; and the exact
 * binomial one of requests, so that a few requests prove no tail, and none over the limit is not taken for certainty.
 */
import { mean, median, quantileSorted } from 'simple-statistics'
import { percentInWords } from '../percent.ts'
import { shareLimits } from './binomial.ts'
import type { Objective, Point, Term } from './evidence.ts'
import { roundsOf, sumOf, type Use, usesOf } from './excess.ts'
import { tightestMs } from './objective.ts'
import { halfOfMean, tailOf, weightsOf } from './resample.ts'
import { growthOf } from './steadiness.ts'

export type Verdict = 'holds' | 'crossed' | 'undecided'

/** What one term uses of what it allows: 1 is its limit. */
export interface TermVerdict {
  /** As the term was written. */
  text: string
  used: number
  low: number
  high: number
  verdict: Verdict
}

export interface RateVerdict {
  verdict: Verdict
  /** One sentence, without a full stop, that names what decided. */
  why: string
  /** Of the term that uses most. */
  used: number
  low: number
  high: number
  terms: TermVerdict[]
}

/** Below so many rounds medians and means of resamples do not leave the smallest and the largest often enough (see ratio.ts). */
const few = 6

/** So much of what is due may go unanswered where no term tells of failures. */
const mostUnanswered = 0.01

/** An interval that ends here or beyond has no upper end to speak of. */
const endless = 100

const percent = (share: number) => percentInWords(share, 2)

const sideOf = (low: number, high: number): Verdict =>
  low > 1 ? 'crossed' : high <= 1 ? 'holds' : 'undecided'

/** Requests alone, as if each were independent of all others. */
function binomialLimits(term: Term, { used, allowed }: Use): [low: number, high: number] {
  if (term.figure === 'mean') return [Number.POSITIVE_INFINITY, 0]
  const share = term.figure === 'percentile' ? 1 - term.share : term.limit
  const [low, high] = shareLimits(used, Math.round(allowed / share))
  return [low / share, high / share]
}

function studentLimits(uses: readonly Use[], isCount: boolean): [low: number, high: number] {
  if (uses.length >= few) return [Number.POSITIVE_INFINITY, 0]
  // Half a request more, so that none over the limit has a logarithm, too.
  const logs = uses.map(({ used, allowed }) => Math.log((used + (isCount ? 0.5 : 0)) / allowed))
  const half = halfOfMean(logs)
  return [Math.exp(mean(logs) - half), Math.exp(mean(logs) + half)]
}

function termVerdict(term: Term, sessions: Use[][], seed: number): TermVerdict {
  const uses = sessions.flat()
  const sum = sumOf(uses)
  const used = sum.used / sum.allowed
  const ratios = Array.from(
    weightsOf(
      sessions.map(({ length }) => length),
      1000,
      seed,
    ),
    (weights) => {
      const drawn = sumOf(
        uses.map((use, at) => {
          const weight = weights[at] as number
          return { used: use.used * weight, allowed: use.allowed * weight }
        }),
      )
      return drawn.used / drawn.allowed
    },
  ).sort((a, b) => a - b)
  const tail = tailOf(uses.length)
  const limits = [
    [quantileSorted(ratios, tail), quantileSorted(ratios, 1 - tail)] as const,
    studentLimits(uses, term.figure !== 'mean'),
    binomialLimits(term, sum),
  ]
  const low = Math.max(0, Math.min(...limits.map(([end]) => end)))
  const high = Math.max(...limits.map(([, end]) => end))
  return { text: term.text, used, low, high, verdict: sideOf(low, high) }
}

/** Why the side does not keep up, where it is sure that it does not. */
export function unsteadyOf(points: readonly Point[], objective: Objective): string | undefined {
  const { growth, isGrowing } = growthOf(points)
  if (isGrowing)
    return `a backlog grows: each second the latency rises by ${Number((growth * 1000).toPrecision(2))} ms`
  const due = points.reduce((sum, point) => sum + point.due, 0)
  const answered = points.reduce((sum, point) => sum + point.answered, 0)
  const allowed = objective.terms.reduce(
    (most, term) => (term.figure === 'failures' ? Math.max(most, term.limit) : most),
    mostUnanswered,
  )
  return shareLimits(due - answered, due)[0] > allowed
    ? `only ${percent(answered / due)} of the requests that were due were answered rightly`
    : undefined
}

/** @param points of one side at one rate, at least one */
export function verdictAt(points: readonly Point[], objective: Objective, seed = 1): RateVerdict {
  const sessions = roundsOf(points).map((rounds) => rounds.flat().map((point) => usesOf(point, objective)))
  const terms = objective.terms.map((term, at) =>
    termVerdict(
      term,
      sessions.map((uses) => uses.map((use) => use[at] as Use)),
      seed,
    ),
  )
  const worst = terms.reduce((most, term) => (term.used > most.used ? term : most))
  const { used, low, high } = worst
  const unsteady = unsteadyOf(points, objective)
  const crossed = terms.find(({ verdict }) => verdict === 'crossed')
  const undecided = terms.find(({ verdict }) => verdict === 'undecided')
  const told = ({ text, ...term }: TermVerdict) =>
    `${text}: ${percent(term.used)} of what it allows (${percent(term.low)} ${term.high < endless ? `to ${percent(term.high)}` : 'or more'})`
  const common = { used, low, high, terms }
  if (unsteady) return { verdict: 'crossed', why: unsteady, ...common }
  if (crossed) return { verdict: 'crossed', why: told(crossed), ...common }
  if (undecided) return { verdict: 'undecided', why: told(undecided), ...common }
  return { verdict: 'holds', why: told(worst), ...common }
}

/** Whether a single session meets the objective by its own figures alone, as a confirmation asks. Why not, where it does not. */
export function missedBy(points: readonly Point[], objective: Objective): string | undefined {
  const unsteady = unsteadyOf(points, objective)
  if (unsteady) return unsteady
  const over = objective.terms.flatMap((term, at) => {
    const { used, allowed } = sumOf(points.map((point) => usesOf(point, objective)[at] as Use))
    return used > allowed ? [`${term.text}: ${percent(used / allowed)} of what it allows`] : []
  })
  return over[0]
}

/** The client's own lateness, p99, may be this share of the tightest limit of latency. */
const mostLate = 0.25
/** The null server is to use no more than this of what the objective allows. */
const mostOfNull = 0.5
const mostDropped = 0.001
/** Other programs may take this share of the machine's processors while nothing but the client is at work. */
const mostTaken = 0.4

/**
 * Was it the client, or its machine, that ended first? Why, where it was.
 *
 * @param points of one side at one rate
 * @param nullPoints of a server that does nothing, asked by the same client at the same rate; empty where it was not
 */
export function clientLimit(
  points: readonly Point[],
  nullPoints: readonly Point[],
  objective: Objective,
): string | undefined {
  const limitMs = tightestMs(objective)
  // Beside a side that is busy the client waits for the processor that the side has: then it is not the client that ends first.
  const late = median((nullPoints.length > 0 ? nullPoints : points).map(({ lateP99Ms }) => lateP99Ms))
  if (limitMs !== undefined && late > mostLate * limitMs)
    return `the client sent ${Number(late.toPrecision(2))} ms late (p99)${nullPoints.length > 0 ? ', also to a server that does nothing' : ''}, more than a quarter of ${limitMs} ms`
  const shares = nullPoints.flatMap(({ takenByOthers = [] }) => takenByOthers)
  const taken = shares.length > 0 ? median(shares) : 0
  if (taken > mostTaken)
    return `other programs took ${percent(taken)} of the machine's processors, also while the side rested`
  const due = points.reduce((sum, point) => sum + point.due, 0)
  const dropped = points.reduce((sum, point) => sum + point.dropped, 0)
  const overs = (of: readonly Point[], less = 0) =>
    objective.terms.map((term, at) => {
      const { used, allowed } = sumOf(of.map((point) => usesOf(point, objective)[at] as Use))
      return (used - (term.figure === 'mean' ? 0 : less)) / allowed
    })
  if (dropped > mostDropped * due && overs(points, dropped).every((used) => used <= 1))
    return `${percent(dropped / due)} of the requests found no virtual user free, while those that were sent were answered in time`
  if (nullPoints.length === 0) return undefined
  const unsteady = unsteadyOf(nullPoints, objective)
  if (unsteady) return `of a server that does nothing ${unsteady}`
  const ofNull = Math.max(...overs(nullPoints))
  return ofNull > mostOfNull
    ? `a server that does nothing uses ${percent(ofNull)} of what the objective allows`
    : undefined
}
