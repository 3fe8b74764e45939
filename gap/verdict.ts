/** What makes CI red: every threshold against what was measured. */
import { type Figures, figuresOf } from './figures.ts'
import { isNullOperation, type Measurement, type Pair } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'
import type { TargetThresholds, Thresholds } from './thresholds.ts'

export type Outcome = 'pass' | 'fail' | 'undecided'

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

export interface Training {
  postgres: TrainingCost
  python: TrainingCost
}

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
  /** python ÷ postgres; absent where training was not measured. */
  trainingMemoryRatio?: number | undefined
  checks: Check[]
  /** `fail` when any check fails, else `undecided` when any is, else `pass`. */
  outcome: Outcome
}

const holds = (measured: number, relation: Check['relation'], bound: number): Outcome =>
  (relation === '≤' ? measured <= bound : measured >= bound) ? 'pass' : 'fail' // NaN fails

function ofTarget(figures: Figures, bounds: TargetThresholds, isOpen: boolean): Check[] {
  const { target, clients } = figures
  const check = (
    threshold: string,
    measured: number,
    relation: Check['relation'],
    bound: number,
    unit: Check['unit'],
  ) => ({
    threshold: `${target}.${threshold}`,
    clients,
    measured,
    relation,
    bound,
    unit,
    outcome: holds(measured, relation, bound),
  })
  const latencies = Object.entries(bounds.maxLatencyMs) as [keyof Figures['latencyMs'], number][]
  return [
    ...latencies.map(([name, bound]) =>
      check(`maxLatencyMs.${name}`, figures.latencyMs[name], '≤', bound, 'ms'),
    ),
    // In the open model the rate is what was offered, not what the target can do.
    ...(isOpen ? [] : [check('minTps', figures.tps, '≥', bounds.minTps, 'TPS')]),
    check('maxFailureRate', figures.failureRate, '≤', bounds.maxFailureRate, 'share'),
  ]
}

/** Passes when the whole interval clears the bound, fails when none of it does. */
function ofRatio(threshold: string, clients: number, ratio: Ratio, bound: number): Check {
  const outcome = ratio.low >= bound ? 'pass' : ratio.high < bound ? 'fail' : 'undecided'
  return {
    threshold: `gap.${threshold}`,
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

/**
 * Bounds of a target hold for the smallest number of clients, where latency is service time and no queue;
 * bounds of the gap hold for every number of clients.
 * @param looks how often at most one may look before the verdict is final: each look is one more chance to err, so each
 *   interval errs that much less (Bonferroni)
 */
export function judge(
  measurement: Measurement,
  thresholds: Thresholds,
  training?: Training,
  looks = 1,
): Verdict {
  const { clients, sides, beside } = measurement.settings
  // Null operations are no way of predicting; what they say stands elsewhere.
  const predicting = [...sides, ...beside.filter((key) => !isNullOperation(key))]
  const fewest = Math.min(...clients)
  const figures = clients.flatMap((count) =>
    predicting.flatMap((key) => figuresOf(measurement, key, count) ?? []),
  )
  const gaps = gapsOf(measurement, 0.05 / looks)
  const checks = figures
    .filter((each) => each.clients === fewest && each.key === each.target)
    .flatMap((each) => ofTarget(each, thresholds[each.target], measurement.settings.rate > 0))
  for (const gap of gaps.filter(({ key }) => key === 'postgres')) {
    if (measurement.settings.rate === 0)
      checks.push(ofRatio('minTpsRatio', gap.clients, gap.tps, thresholds.gap.minTpsRatio))
    for (const [name, bound] of Object.entries(thresholds.gap.minLatencyRatio) as [
      'p50' | 'p95' | 'p99',
      number,
    ][])
      checks.push(ofRatio(`minLatencyRatio.${name}`, gap.clients, gap[name], bound))
  }
  const trainingMemoryRatio = training && training.python.peakBytes / training.postgres.peakBytes
  if (trainingMemoryRatio !== undefined) {
    const bound = thresholds.gap.minTrainingMemoryRatio
    checks.push({
      threshold: 'gap.minTrainingMemoryRatio',
      measured: trainingMemoryRatio,
      relation: '≥',
      bound,
      unit: 'times',
      outcome: holds(trainingMemoryRatio, '≥', bound),
    })
  }
  const outcomes = new Set(checks.map(({ outcome }) => outcome))
  return {
    figures,
    gaps,
    ...(trainingMemoryRatio !== undefined && { trainingMemoryRatio }),
    checks,
    outcome: outcomes.has('fail') ? 'fail' : outcomes.has('undecided') ? 'undecided' : 'pass',
  }
}
