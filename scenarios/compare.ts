/**
 * All sides of the workload within one run, in pairs of interleaved blocks at each number of clients (lib/plan.ts). Virtual users meet
 * at the end of each turn, so that only one side works at a time. Connections are opened anew for each pair and within it;
 * each pair gives one ratio.
 *
 * Several k6, each with an execution segment, share one comparison: then turns begin by the clock, from START_AT on (lib/together.ts).
 *
 * With RATE the model is open: requests are due at that rate, whether or not the answers before them have come.
 */
import exec from 'k6/execution'
import { Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import recorder from 'k6/x/recorder'
import { measurePair, warmUp } from './lib/choreography.ts'
import { settings } from './lib/comparison.ts'
import { closeKept } from './lib/connection.ts'
import { expected } from './lib/expectations.ts'
import { failed } from './lib/failure.ts'
import { writable } from './lib/file.ts'
import { measured } from './lib/outcome.ts'
import { shortTable } from './lib/table.ts'
import { begin, end } from './lib/together.ts'

const summaryFile = writable('SUMMARY_FILE')

export const options: Options = {
  scenarios: {
    compare: {
      // Who works when is agreed upon at the meetings; k6 only has to keep the virtual users there.
      executor: 'per-vu-iterations',
      exec: 'compare',
      vus: Math.max(...settings.clients),
      iterations: 1,
      maxDuration: '24h',
      gracefulStop: '2s',
    },
  },
  thresholds: expected(),
  // Only what the thresholds and the outputs need: each tag costs the client time on every sample.
  systemTags: ['scenario', 'status', 'error_code'],
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
}

/** Requests per second in one block; a sample a block. */
const tps = new Trend('tps')
/** First side ÷ last; a sample a pair. */
const tpsRatio = new Trend('gap_tps_ratio')
/** Last side ÷ first; a sample a pair. */
const latencyRatios = {
  p50: new Trend('gap_latency_p50_ratio'),
  p95: new Trend('gap_latency_p95_ratio'),
  p99: new Trend('gap_latency_p99_ratio'),
}

/** Without this virtual user the others would wait in vain for what it does not do any more. */
export function compare(): void {
  try {
    begin()
    takePart(exec.vu.idInTest)
    end()
  } catch (error) {
    const what = failed(error)
    if (what.kind !== 'test ended')
      exec.test.abort(`client ${exec.vu.idInTest} ended before its time: ${what.message}`)
    throw error
  }
}

function takePart(user: number): void {
  for (const clients of settings.clients) {
    // The others wait where the number that has a place for them begins.
    if (user > clients) continue
    warmUp(clients)
    for (let pair = 1; pair <= settings.pairs; pair++) measurePair(clients, pair)
    closeKept(clients)
  }
}

export function teardown(): void {
  const measurement = measured()
  const { blocks, pairs } = measurement
  if (summaryFile) recorder.save(summaryFile, JSON.stringify(measurement))
  for (const block of blocks)
    if (block.phase === 'measure') tps.add(block.tps, { side: block.key, clients: String(block.clients) })
  for (const pair of pairs) {
    const tags = { side: pair.key, clients: String(pair.clients) }
    tpsRatio.add(pair.tps, tags)
    latencyRatios.p50.add(pair.p50, tags)
    latencyRatios.p95.add(pair.p95, tags)
    latencyRatios.p99.add(pair.p99, tags)
  }
}

/** Not called where k6 keeps no metrics (`--summary-mode=disabled --no-thresholds`). */
export function handleSummary(): Record<string, string> {
  return { stdout: shortTable(measured()) }
}
