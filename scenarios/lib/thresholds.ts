/** thresholds.json in k6's own words, for the metrics of a scenario. The command line's schema asks for more; here it is what k6 needs. */
import type { TargetThresholds, Thresholds } from '../../gap/thresholds.ts'
import { inLines, type Misfit } from '../../workload/misfit.ts'
import { readJson } from './file.ts'
import { root } from './root.ts'
import { type Target, text } from './settings.ts'

const file = text('THRESHOLDS_FILE', `${root}thresholds.json`)

/** A bound's name, and whether it may be absent. */
interface Form {
  [name: string]: 'needed' | 'possible' | Form
}

const targetForm: Form = {
  maxLatencyMs: { mean: 'possible', p50: 'possible', p95: 'possible', p99: 'possible', max: 'possible' },
  minTps: 'needed',
  maxFailureRate: 'needed',
}

const form: Form = {
  postgres: targetForm,
  python: targetForm,
  gap: {
    minLatencyRatio: { p50: 'needed', p95: 'needed', p99: 'possible' },
    minTpsRatio: 'needed',
    minTrainingMemoryRatio: 'needed',
  },
}

function* misfitsOf(form: Form, given: unknown, path: string[] = []): Generator<Misfit> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    yield { path, value: given, expected: `expected an object of ${Object.keys(form).join(', ')}` }
    return
  }
  const own = given as Record<string, unknown>
  for (const name of Object.keys(own))
    if (!Object.hasOwn(form, name)) yield { path: [...path, name], value: own[name], expected: 'no such key' }
  for (const [name, part] of Object.entries(form)) {
    const value = own[name]
    if (typeof part === 'object') yield* misfitsOf(part, value, [...path, name])
    else if (value === undefined ? part === 'needed' : !(Number.isFinite(value) && (value as number) >= 0))
      yield { path: [...path, name], value, expected: 'expected a number of at least 0' }
  }
}

export function readThresholds(): Thresholds {
  const { $schema: _, ...given } = Object(readJson('THRESHOLDS_FILE', file))
  const misfits = [...misfitsOf(form, given)]
  if (misfits.length > 0) throw new Error(`THRESHOLDS_FILE: ${file} does not fit:\n${inLines(misfits)}`)
  return given as Thresholds
}

const statistic = { mean: 'avg', p50: 'med', p95: 'p(95)', p99: 'p(99)', max: 'max' } as const

const metrics = {
  postgres: { duration: 'sql_req_duration', requests: 'sql_reqs', failed: 'sql_req_failed' },
  python: { duration: 'http_req_duration', requests: 'http_reqs', failed: 'http_req_failed' },
} as const

type K6Thresholds = Record<string, string[]>

/** Thresholds of one target alone. @param selector limits them to a sub-metric, as `{phase:measure}` */
export function targetThresholds(target: Target, bounds: TargetThresholds, selector = ''): K6Thresholds {
  const { duration, failed } = metrics[target]
  return {
    [`${duration}${selector}`]: Object.entries(bounds.maxLatencyMs).map(
      ([name, most]) => `${statistic[name as keyof typeof statistic]}<=${most}`,
    ),
    [`${failed}${selector}`]: [`rate<=${bounds.maxFailureRate}`],
  }
}

/** k6 counts a rate over the whole test, so it fits only where the whole test is one target's. */
export function rateThreshold(target: Target, bounds: TargetThresholds): K6Thresholds {
  return { [metrics[target].requests]: [`rate>=${bounds.minTps}`] }
}

/** An answer that is not one finite number is a defect, however few there are. */
export const noWrongAnswers: K6Thresholds = { wrong_answers: ['count==0'] }
