/** thresholds.json in k6's own words, for the metrics of a scenario. The command line checks the file; here it is only read. */
import {
  boundsAt,
  failureBoundOf,
  type LatencyFigure,
  type SideBounds,
  type Thresholds,
} from '../../gap/bounds.ts'
import { inLines } from '../../workload/misfit.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Misfit } from '../../workload/workload.ts'
import { readJson } from './file.ts'
import { places } from './given.ts'
import { text } from './settings.ts'

/**
 * The file is an object by names, each with bounds that are numbers all the way down. Which names there may be the command line looks at.
 */
function* misfitsOf(value: unknown, path: PropertyKey[] = []): Generator<Misfit> {
  const isWhole = path.length === 0
  if (typeof value === 'object' && value !== null && !(isWhole && Array.isArray(value)))
    for (const [name, part] of Object.entries(value)) {
      if (!isWhole || name !== '$schema') yield* misfitsOf(part, [...path, name])
    }
  else if (isWhole) yield { path, value, expected: "expected an object of the sides' bounds" }
  else if (path.length === 1) yield { path, value, expected: 'expected an object of bounds' }
  else if (!Number.isFinite(value)) yield { path, value, expected: 'expected a number' }
}

/** Undefined where there is none. */
export function readThresholds(): Thresholds | undefined {
  const file = text('THRESHOLDS_FILE', places.thresholds ?? '')
  if (!file) return undefined
  const given = readJson('THRESHOLDS_FILE', file)
  const misfits = [...misfitsOf(given)]
  if (misfits.length > 0) throw new Error(`THRESHOLDS_FILE: ${file} does not fit:\n${inLines(misfits)}`)
  return given as Thresholds
}

const statistic: Record<LatencyFigure, string> = {
  mean: 'avg',
  p50: 'med',
  p95: 'p(95)',
  p99: 'p(99)',
  max: 'max',
}

const metrics = {
  sql: { duration: 'sql_req_duration', requests: 'sql_reqs', failed: 'sql_req_failed' },
  http: { duration: 'http_req_duration', requests: 'http_reqs', failed: 'http_req_failed' },
} as const

type K6Thresholds = Record<string, string[]>

/** A sub-metric, as `sql_reqs{side:database}`; the metric itself without tags. */
export const selected = (metric: string, tags: Record<string, string | number> = {}) => {
  const words = Object.entries(tags).map(([name, value]) => `${name}:${value}`)
  return words.length > 0 ? `${metric}{${words.join()}}` : metric
}

const latencies = ({ maxLatencyMs = {} }: SideBounds) =>
  Object.entries(maxLatencyMs).map(([name, most]) => `${statistic[name as LatencyFigure]}<=${most}`)

/**
 * Thresholds of one side: of its latency where there are bounds for so many clients, and of its failures.
 * @param tags of the samples that are meant
 */
export function sideThresholds(
  { key, protocol }: Pick<ResolvedSide, 'key' | 'protocol'>,
  thresholds: Thresholds,
  clients: readonly number[],
  tagsAt: (clients: number) => Record<string, string | number> = () => ({}),
): K6Thresholds {
  const { duration, failed } = metrics[protocol]
  const most = failureBoundOf(thresholds, key)
  return Object.fromEntries(
    clients.flatMap((count): [string, string[]][] => {
      const own = latencies(boundsAt(thresholds, key, count) ?? {})
      return [
        ...(own.length > 0 ? [[selected(duration, tagsAt(count)), own] as [string, string[]]] : []),
        ...(most === undefined
          ? []
          : [[selected(failed, tagsAt(count)), [`rate<=${most}`]] as [string, string[]]]),
      ]
    }),
  )
}

/** k6 counts a rate over the whole test, so it fits only where the whole test is one side's. */
export function rateThreshold(
  { key, protocol }: Pick<ResolvedSide, 'key' | 'protocol'>,
  thresholds: Thresholds,
  clients: number,
): K6Thresholds {
  const least = boundsAt(thresholds, key, clients)?.minTps
  return least === undefined ? {} : { [metrics[protocol].requests]: [`rate>=${least}`] }
}

/** An answer of another kind than the declared one is a defect, however few there are. */
export const noWrongAnswers: K6Thresholds = { wrong_answers: ['count==0'] }
