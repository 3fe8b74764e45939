/** What makes CI red: every threshold against what was measured. */
import { inPath } from '../workload/misfit.ts'
import {
  boundsOf,
  failureBoundOf,
  type GapBounds,
  gapBoundsOf,
  gapPath,
  latencyFigures,
  ratioFigures,
  type Thresholds,
} from './bounds.ts'
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
  /** `fail` when any check fails, else `undecided` when any is, else `pass`; none of these where a premise is broken. */
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

/** @param isOpen whether the rate is what was offered, not what the side can do */
function ofSide(all: Figures[], side: string, thresholds: Thresholds, isOpen: boolean): Check[] {
  const checks: Check[] = []
  const own = all.filter(({ key }) => key === side)
  const several = Array.isArray(thresholds[side])
  for (const [index, bounds] of boundsOf(thresholds, side).entries()) {
    const path = inPath(several ? [side, index] : [side])
    const { clients = 1, maxLatencyMs = {}, minTps } = bounds
    const wanted: [string, (figures: Figures) => number, Check['relation'], number, Check['unit']][] = [
      ...latencyFigures.flatMap((name): (typeof wanted)[number][] => {
        const bound = maxLatencyMs[name]
        return bound === undefined
          ? []
          : [[`${path}.maxLatencyMs.${name}`, ({ latencyMs }) => latencyMs[name], '≤', bound, 'ms']]
      }),
      ...(isOpen || minTps === undefined
        ? []
        : [[`${path}.minTps`, ({ tps }: Figures) => tps, '≥', minTps, 'TPS'] as (typeof wanted)[number]]),
    ]
    const figures = own.find((each) => each.clients === clients)
    if (!figures) continue
    for (const [threshold, of, relation, bound, unit] of wanted) {
      const measured = of(figures)
      const outcome = holds(measured, relation, bound)
      checks.push({ threshold, clients, measured, relation, bound, unit, outcome })
    }
  }
  const most = failureBoundOf(thresholds, side)
  if (most !== undefined)
    for (const { clients, failureRate: measured } of own)
      checks.push({
        threshold: `${side}.maxFailureRate`,
        clients,
        measured,
        relation: '≤',
        bound: most,
        unit: 'share',
        outcome: holds(measured, '≤', most),
      })
  return checks
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

function ofGap(gap: Gap, path: string, bounds: GapBounds, isOpen: boolean): Check[] {
  const { minTpsRatio, minLatencyRatio = {} } = bounds
  return [
    ...(isOpen || minTpsRatio === undefined
      ? []
      : [ofRatio(`${path}.minTpsRatio`, gap.clients, gap.tps, minTpsRatio)]),
    ...ratioFigures.flatMap((name) => {
      const bound = minLatencyRatio[name]
      return bound === undefined
        ? []
        : [ofRatio(`${path}.minLatencyRatio.${name}`, gap.clients, gap[name], bound)]
    }),
  ]
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
    .flatMap((side) => ofSide(figures, side, thresholds, isOpen))
  const last = declared.at(-1) ?? ''
  if (sides.at(-1) === last)
    for (const gap of gaps) {
      const bounds = declared.includes(gap.key) ? gapBoundsOf(thresholds, gap.key, declared) : undefined
      if (bounds) checks.push(...ofGap(gap, gapPath(thresholds.gap as object, gap.key, last), bounds, isOpen))
    }
  const trainingMemoryRatio = memoryRatioOf(training, [declared[0], last])
  const bound = gapBoundsOf(thresholds, declared[0] ?? '', declared)?.minTrainingMemoryRatio
  if (trainingMemoryRatio !== undefined && bound !== undefined)
    checks.push({
      threshold: `${gapPath(thresholds.gap as object, declared[0] ?? '', last)}.minTrainingMemoryRatio`,
      measured: trainingMemoryRatio,
      relation: '≥',
      bound,
      unit: 'times',
      outcome: holds(trainingMemoryRatio, '≥', bound),
    })
  return {
    figures,
    gaps,
    ...(shares.length > 0 && { shares }),
    ...(trainingMemoryRatio !== undefined && { trainingMemoryRatio }),
    checks,
    notJudged: notJudgedIn(measurement, thresholds, checks),
    outcome: outcomeOf(checks),
  }
}
