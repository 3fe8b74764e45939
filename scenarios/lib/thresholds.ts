/** thresholds.json in k6's own words, for the metrics of a scenario. The command line checks the file; here it is only read. */
import type { TargetThresholds, Thresholds } from '../../gap/thresholds.ts'
import { root } from './root.ts'
import { type Target, text } from './settings.ts'

const file = text('THRESHOLDS_FILE', `${root}thresholds.json`)

export function readThresholds(): Thresholds {
  return JSON.parse(open(file)) as Thresholds
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
