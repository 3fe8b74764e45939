/** One side's figures over all of its blocks at one number of clients. */
import * as hdr from 'hdr-histogram-js'
import type { Latencies, Measurement } from './measurement.ts'
import { sum } from './sum.ts'

export interface Figures {
  /** The side. */
  key: string
  clients: number
  /** Right answers per second of steady window. */
  tps: number
  /** Latency of right answers in milliseconds, as the client saw it; NaN where there was none. */
  latencyMs: { mean: number; p50: number; p95: number; p99: number; max: number }
  requests: number
  failures: number
  /** Failures ÷ requests; 0 to 1. */
  failureRate: number
}

const nanoseconds = 1e6 // in a millisecond

/** Percentiles of blocks cannot be averaged; their histograms can be added. */
export function mergedHistogram(parts: Latencies[]): hdr.Histogram {
  const whole = hdr.build({
    bitBucketSize: 64,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 1e12,
    numberOfSignificantValueDigits: 3,
  })
  for (const { count, histogram } of parts)
    if (count > 0) whole.add(hdr.decodeFromCompressedBase64(histogram, 64))
  return whole
}

/** One percentile of several blocks' requests together, in milliseconds. @param rank 0 to 100 */
export const percentilesOf = (parts: Latencies[], rank: number) =>
  mergedHistogram(parts).getValueAtPercentile(rank) / nanoseconds

/** Latencies of several blocks' right answers together, in milliseconds; NaN where there was none. */
export function latencyOf(right: Latencies[]): Figures['latencyMs'] {
  const answers = sum(right.map(({ count }) => count))
  const histogram = mergedHistogram(right)
  const percentile = (rank: number) =>
    answers ? histogram.getValueAtPercentile(rank) / nanoseconds : Number.NaN
  return {
    // Exact, not from the histogram's buckets.
    mean: sum(right.map(({ meanMs, count }) => (meanMs ?? 0) * count)) / answers,
    p50: percentile(50),
    p95: percentile(95),
    p99: percentile(99),
    max: answers ? Math.max(...right.map(({ maxMs }) => maxMs ?? 0)) : Number.NaN,
  }
}

/** Of one side at one number of clients; undefined where it has no block. */
export function figuresOf({ blocks }: Measurement, key: string, clients: number): Figures | undefined {
  const own = blocks.filter((block) => block.key === key && block.clients === clients)
  if (own.length === 0) return undefined
  const right = own.map(({ ok }) => ok)
  const answers = sum(right.map(({ count }) => count))
  const failures = sum(own.map(({ failed }) => failed.count))
  const requests = answers + failures
  return {
    key,
    clients,
    tps: (answers / sum(own.map(({ windowMs }) => windowMs))) * 1000,
    latencyMs: latencyOf(right),
    requests,
    failures,
    failureRate: requests ? failures / requests : 1,
  }
}
