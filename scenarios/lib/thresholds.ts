/** thresholds.json in k6's own words, for the metrics of a scenario. */
import {
  boundsAt,
  failureBoundOf,
  isByPair,
  type LatencyFigure,
  latencyFigures,
  pairName,
  ratioFigures,
  type SideBounds,
  type Thresholds,
} from '../../gap/bounds.ts'
import { inLines } from '../../workload/misfit.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Misfit } from '../../workload/workload.ts'
import { readJson } from './file.ts'
import { places } from './given.ts'
import { text } from './settings.ts'
import { asked } from './workload.ts'

/** What a part of the file may hold: a number, or parts by their names. */
type Shape = 'number' | { readonly [name: string]: Shape }

const numbers = (names: readonly string[]): Shape =>
  Object.fromEntries(names.map((name) => [name, 'number' as const]))

const ofSide: Shape = {
  clients: 'number',
  maxLatencyMs: numbers(latencyFigures),
  minTps: 'number',
  maxFailureRate: 'number',
}
const ofGap: Shape = {
  minLatencyRatio: numbers(ratioFigures),
  minTpsRatio: 'number',
  minTrainingMemoryRatio: 'number',
  minLeanTrainingMemoryRatio: 'number',
}

/** Of a search for capacities, which no scenario judges; what is wrong with it is told all the same. */
const capacityShape = (capacity: unknown): Shape => {
  const minRatio =
    typeof capacity === 'object' && capacity !== null && 'minRatio' in capacity && capacity.minRatio
  return {
    ...Object.fromEntries(asked.sides.map(({ name }): [string, Shape] => [name, { minRate: 'number' }])),
    ...(pairs.length > 0 && {
      minRatio:
        pairs.length > 1 || (typeof minRatio === 'object' && minRatio !== null) ? numbers(pairs) : 'number',
    }),
  }
}

/** Each side against the last one. */
const pairs = asked.sides.slice(0, -1).map(({ name }) => pairName(name, asked.sides.at(-1)?.name ?? ''))

const gapShape = (gap: unknown): Shape =>
  pairs.length > 1 || (typeof gap === 'object' && gap !== null && isByPair(gap))
    ? Object.fromEntries(pairs.map((pair) => [pair, ofGap]))
    : ofGap

function* misfitsOf(value: unknown, shape: Shape, path: PropertyKey[]): Generator<Misfit> {
  if (shape === 'number') {
    if (!Number.isFinite(value) || (value as number) < 0)
      yield { path, value, expected: 'expected a number of at least 0' }
  } else if (typeof value !== 'object' || value === null || Array.isArray(value))
    yield { path, value, expected: `expected an object of bounds: ${Object.keys(shape).join(', ')}` }
  else
    for (const [name, part] of Object.entries(value)) {
      const own = Object.hasOwn(shape, name) ? shape[name] : undefined
      if (own) yield* misfitsOf(part, own, [...path, name])
      else yield { path: [...path, name], value: part, expected: 'no such key' }
    }
}

/**
 * A bound under a name that nobody looks for would hold for ever. How bounds go together the command line looks at.
 */
function misfitsOfFile(given: unknown): Misfit[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return [{ path: [], value: given, expected: "expected an object of the sides' bounds" }]
  return Object.entries(given).flatMap(([name, part]: [string, unknown]): Misfit[] => {
    if (name === '$schema') return []
    if (name === 'gap' && pairs.length > 0) return [...misfitsOf(part, gapShape(part), [name])]
    if (name === 'capacity') return [...misfitsOf(part, capacityShape(part), [name])]
    if (!asked.sides.some((side) => side.name === name))
      return [{ path: [name], value: part, expected: 'no such key' }]
    // For several numbers of clients.
    return Array.isArray(part)
      ? part.flatMap((each, at) => [...misfitsOf(each, ofSide, [name, at])])
      : [...misfitsOf(part, ofSide, [name])]
  })
}

/** Undefined where there is none. */
export function readThresholds(): Thresholds | undefined {
  const file = text('THRESHOLDS_FILE', places.thresholds ?? '')
  if (!file) return undefined
  const given = readJson('THRESHOLDS_FILE', file)
  const misfits = misfitsOfFile(given)
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
