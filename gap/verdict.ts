/** What makes CI red: every threshold against what was measured. */
import type { Thresholds } from './bounds.ts'
import { expectedOfGap, expectedOfSide, type OfGap, type OfSide } from './expected.ts'
import { type Figures, figuresOf } from './figures.ts'
import { isOpenModel, type Measurement, type Pair, predictingSides } from './measurement.ts'
import { type NotJudged, notJudgedIn } from './not-judged.ts'
import { type Ratio, ratioOf } from './ratio.ts'
import { type Share, sharesOf } from './shares.ts'

export type Outcome = 'pass' | 'fail' | 'undecided'
/** Of all that was measured. */
export const runOutcomes = ['pass', 'fail', 'undecided', 'could not measure'] as const
export type RunOutcome = (typeof runOutcomes)[number]

export interface Check {
  /** Path in thresholds.json. */
  threshold: string
  clients?: number | undefined
  measured: number
  /** Ends of the 95 % interval, for a ratio. */
  interval?: [number, number] | undefined
  relation: '≤' | '≥'
  bound: number
  unit: 'ms' | 'TPS' | 'share' | 'times'
  outcome: Outcome
}

/** What training cost; the peak is bytes, undefined where it was not measured (a target that was trained elsewhere). */
export interface TrainingCost {
  peakBytes: number
  seconds: number
}

/** By side. */
export type Training = Record<string, TrainingCost>

export interface Gap {
  /** The side that is compared with the last one. */
  key: string
  clients: number
  tps: Ratio
  mean: Ratio
  p50: Ratio
  p95: Ratio
  p99: Ratio
}

export interface Verdict {
  figures: Figures[]
  gaps: Gap[]
  /** Whose the gaps are, where another build of the last side was asked beside it; runs of before have none. */
  shares?: Share[] | undefined
  /** Last side ÷ first; absent where training was not measured. */
  trainingMemoryRatio?: number | undefined
  checks: Check[]
  /** Bounds of the thresholds that say nothing of this run. */
  notJudged: NotJudged[]
  /**
   * `fail` when any check fails, else `undecided` when any is, or when bounds are named and none is judged, else `pass`; none of
   * these where a premise is broken.
   */
  outcome: RunOutcome
}

const holds = (measured: number, relation: Check['relation'], bound: number): Outcome =>
  (relation === '≤' ? measured <= bound : measured >= bound) ? 'pass' : 'fail' // NaN fails

/** `fail` when any check fails, else `undecided` when any is, else `pass`. */
export function outcomeOf(checks: readonly Pick<Check, 'outcome'>[]): Outcome {
  const outcomes = new Set(checks.map(({ outcome }) => outcome))
  return outcomes.has('fail') ? 'fail' : outcomes.has('undecided') ? 'undecided' : 'pass'
}

/** Whoever reads the outcome alone must not take for a verdict what follows from figures that mean nothing. */
export const withPremises = <T extends { outcome: RunOutcome }>(
  verdict: T,
  premises: readonly { holds: boolean }[],
): T => (premises.every(({ holds }) => holds) ? verdict : { ...verdict, outcome: 'could not measure' })

/**
 * At the number of clients that a bound names, or at every one that was measured.
 * @param isOpen whether the rate is what was offered, not what the side can do
 */
function ofSide(all: Figures[], expected: OfSide, isOpen: boolean): Check[] {
  const { threshold, bound, side } = expected
  const own = all.filter(({ key }) => key === side)
  const checked = (
    { clients }: Figures,
    measured: number,
    relation: Check['relation'],
    unit: Check['unit'],
  ): Check => {
    const outcome = holds(measured, relation, bound)
    return { threshold, clients, measured, relation, bound, unit, outcome }
  }
  switch (expected.of) {
    case 'failures':
      return own.map((at) => checked(at, at.failureRate, '≤', 'share'))
    case 'tps':
      return isOpen
        ? []
        : own
            .filter(({ clients }) => clients === expected.clients)
            .map((at) => checked(at, at.tps, '≥', 'TPS'))
    case 'latency':
      return own
        .filter(({ clients }) => clients === expected.clients)
        .map((at) => checked(at, at.latencyMs[expected.figure], '≤', 'ms'))
  }
}

/** Passes when the whole interval clears the bound, fails when none of it does. */
function ofRatio(threshold: string, clients: number, ratio: Ratio, bound: number): Check {
  const outcome = ratio.low >= bound ? 'pass' : ratio.high < bound ? 'fail' : 'undecided'
  return {
    threshold,
    clients,
    measured: ratio.median,
    interval: [ratio.low, ratio.high],
    relation: '≥',
    bound,
    unit: 'times',
    outcome,
  }
}

function gapOf(own: Pair[], clients: number, seed: number, error: number): Gap {
  const sessions = [...new Set(own.map(({ session }) => session))]
  const ratio = (figure: 'tps' | 'mean' | 'p50' | 'p95' | 'p99') =>
    ratioOf(
      sessions.map((session) => own.filter((pair) => pair.session === session).map((pair) => pair[figure])),
      seed,
      error,
    )
  return {
    key: (own[0] as Pair).key,
    clients,
    tps: ratio('tps'),
    mean: ratio('mean'),
    p50: ratio('p50'),
    p95: ratio('p95'),
    p99: ratio('p99'),
  }
}

/** Each side against the last, at each number of clients that has pairs. @param error see {@link ratioOf} */
export function gapsOf(
  { settings: { clients, sides, beside, seed }, pairs }: Measurement,
  error = 0.05,
): Gap[] {
  return clients.flatMap((count) =>
    [...sides, ...beside].flatMap((key) => {
      const own = pairs.filter((pair) => pair.clients === count && pair.key === key)
      return own.length === 0 ? [] : [gapOf(own, count, seed, error)]
    }),
  )
}

function ofGap(gap: Gap, expected: OfGap, isOpen: boolean): Check[] {
  const { threshold, bound } = expected
  switch (expected.of) {
    case 'tps ratio':
      return isOpen ? [] : [ofRatio(threshold, gap.clients, gap.tps, bound)]
    case 'latency ratio':
      return [ofRatio(threshold, gap.clients, gap[expected.figure], bound)]
    case 'training ratio':
      return []
  }
}

function ofTraining(measured: number, { threshold, bound }: OfGap): Check {
  const outcome = holds(measured, '≥', bound)
  return { threshold, measured, relation: '≥', bound, unit: 'times', outcome }
}

/** The last side's memory of training ÷ the first one's. */
const memoryRatioOf = (training: Training | undefined, [first, last]: readonly (string | undefined)[]) => {
  const [one, other] = [training?.[first ?? ''], training?.[last ?? '']]
  return one && other ? other.peakBytes / one.peakBytes : undefined
}

/**
 * Bounds of a side hold for the number of clients that they name, those of its failures and of the gap for every number.
 * Only sides as the workload declares them are judged: nobody has said what to expect of another query mode, or of a side against itself.
 * @param looks how often at most one may look before the verdict is final: each look is one more chance to err, so each
 *   interval errs that much less (Bonferroni)
 */
export function judge(
  measurement: Measurement,
  thresholds: Thresholds,
  training?: Training,
  looks = 1,
): Verdict {
  const { clients, sides } = measurement.settings
  const declared = measurement.workload.sides
  const isOpen = isOpenModel(measurement)
  const predicting = predictingSides(measurement)
  const figures = clients.flatMap((count) =>
    predicting.flatMap((key) => figuresOf(measurement, key, count) ?? []),
  )
  const gaps = gapsOf(measurement, 0.05 / looks)
  // At a given rate all serve what is due.
  const shares = isOpen ? [] : sharesOf(measurement, 0.05 / looks)
  const checks = sides
    .filter((side) => declared.includes(side))
    .flatMap((side) => expectedOfSide(thresholds, side))
    .flatMap((each) => ofSide(figures, each, isOpen))
  const last = declared.at(-1)
  const ofPair = (side: string) => expectedOfGap(thresholds, side, declared)
  if (sides.at(-1) === last)
    for (const gap of gaps)
      if (declared.includes(gap.key))
        checks.push(...ofPair(gap.key).flatMap((each) => ofGap(gap, each, isOpen)))
  const trainingMemoryRatio = memoryRatioOf(training, [declared[0], last])
  for (const side of declared.slice(0, -1)) {
    const ratio = memoryRatioOf(training, [side, last])
    if (ratio !== undefined)
      checks.push(
        ...ofPair(side)
          .filter(({ of }) => of === 'training ratio')
          .map((each) => ofTraining(ratio, each)),
      )
  }
  const notJudged = notJudgedIn(measurement, thresholds, checks)
  return {
    figures,
    gaps,
    ...(shares.length > 0 && { shares }),
    ...(trainingMemoryRatio !== undefined && { trainingMemoryRatio }),
    checks,
    notJudged,
    // Something was expected, and nothing was looked at: that is no pass.
    outcome: checks.length === 0 && notJudged.length > 0 ? 'undecided' : outcomeOf(checks),
  }
}
