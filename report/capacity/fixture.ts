/** A made-up search with known figures, for tests of what is made from one. */
import { fleetOfOnePrice } from '../../gap/capacity/fleet.ts'
import { planOf } from '../../gap/capacity/plan.ts'
import { capacitiesOf } from './data.ts'
import type { CapacityRun, CapacitySide, RateRow } from './run.ts'

const objective = 'p99<10ms'
const block = 20

/** @param p99 the latency there; at 10 ms 99 % of the requests are within the limit */
function rateRow(rate: number, p99: number, verdict: RateRow['verdict']): RateRow {
  const share = { holds: 0.995, undecided: 0.9901, crossed: 0.97 }[verdict]
  return {
    rate,
    verdict,
    ...(verdict === 'holds' ? {} : { why: `${objective}: too few requests within the limit` }),
    terms: [{ text: objective, value: share, low: share - 0.002, high: share + 0.002 }],
    rounds: 6,
    due: rate * block * 6,
    achieved: 0.999,
    growth: 0,
    latencyMs: { mean: p99 / 5, p50: p99 / 6, p95: p99 / 2, p99, max: p99 * 3 },
    client: { lateP99Ms: 0.12, nullP99Ms: 0.34, waited: 0 },
  }
}

function side(key: string, capacity: number, low: number, high: number): CapacitySide {
  return {
    side: key,
    objective,
    closed: [1, 10, 100].map((clients) => ({ clients, tps: (capacity * 1.2 * clients) / (clients + 2) })),
    found: { capacity, low, high, way: 'fit' },
    confirmed: low,
    rates: [
      rateRow(capacity * 0.7, 4, 'holds'),
      rateRow(low, 9.1, 'holds'),
      rateRow(capacity, 9.9, 'undecided'),
      rateRow(capacity * 1.1, 25, 'crossed'),
    ],
  }
}

export function sampleCapacityRun(): CapacityRun {
  const sides = [side('postgres', 4120, 4010, 4230), side('python', 1005, 980, 1030)]
  return {
    version: 1,
    kind: 'capacity',
    startedAt: '2026-01-02T03:04:05.000Z',
    command: "npx inference-gap capacity --objective 'p99<10ms'",
    machine: {
      system: 'Linux 6 x64',
      processor: 'A Processor with Quite a Long Name @ 2.80GHz',
      cores: 2,
      memory: 25e9,
    },
    versions: { Node: '20.0.0', k6: '1.8.1' },
    targets: { postgres: 'shared_buffers 256MB', python: '2 workers, 4 threads each' },
    workload: {
      name: 'flights',
      digest: 'abc',
      keys: 1000,
      draw: 'at random',
      answers: 'numbers, the same within 1e-5',
      sides: sides.map(({ side }) => side),
    },
    settings: { arrivals: 'poisson', clients: 100, block, seed: 7, sessions: 8, seconds: 480 },
    sides,
    ratios: [{ side: 'postgres', last: 'python', median: 4.1, low: 3.9, high: 4.3 }],
    confirmations: [1, 2, 3, 4, 5].map(() => ({
      rates: { postgres: 4010, python: 980 },
      held: { postgres: true, python: true },
    })),
    resources: [
      {
        side: 'postgres',
        rate: 4010,
        parts: [
          { side: 'postgres', what: 'server and backends', processors: 1.02 },
          { side: '', what: 'k6', processors: 0.81 },
        ],
        machine: { cores: 2, busy: 0.95, stolen: 0.01 },
        inFlight: 8.2,
        clients: 100,
        waited: 0,
        activity: {
          connections: 100,
          mostConnections: 250,
          active: 6.1,
          waits: [
            { what: 'running', share: 0.8 },
            { what: 'LWLock:BufferMapping', share: 0.2 },
          ],
        },
      },
      {
        side: 'python',
        rate: 980,
        parts: [{ side: 'python', what: "Gunicorn's master and workers", processors: 1.5 }],
        inFlight: 3.1,
        clients: 100,
        waited: 0,
      },
    ],
    premises: [{ name: 'keep-alive', holds: true, seen: 'none of the 200 connections had to be replaced' }],
    thresholds: {},
    verdict: {
      checks: [
        {
          threshold: 'capacity.postgres.minRate',
          measured: 4120,
          interval: [4010, 4230],
          relation: '≥',
          bound: 3000,
          unit: 'TPS',
          outcome: 'pass',
        },
        {
          threshold: 'capacity.minRatio',
          measured: 4.1,
          interval: [3.9, 4.3],
          relation: '≥',
          bound: 3,
          unit: 'times',
          outcome: 'pass',
        },
      ],
      outcome: 'pass',
    },
    points: sides.flatMap(({ side, rates }) =>
      rates.flatMap(({ rate, terms, latencyMs }) =>
        [1, 2, 3, 4, 5, 6].map((round) => ({
          ...{ side, rate, session: 1, round, seconds: block, due: rate * block, answered: rate * block },
          ...{ failed: 0, within: [Math.round(rate * block * (terms[0]?.value ?? 0))], growth: 0 },
          ...{ lateP99Ms: latencyMs.p99 / 100, dropped: 0 },
        })),
      ),
    ),
  }
}

/** The client ended first on one side; and of the other no rate was confirmed. */
export function unreachedCapacityRun(): CapacityRun {
  const run = sampleCapacityRun()
  const [first, last] = run.sides as [CapacitySide, CapacitySide]
  first.atLeast = { rate: 4010, why: 'client-limited' }
  delete first.confirmed
  delete last.confirmed
  run.confirmations = run.confirmations.map(({ rates }) => ({
    rates,
    held: { postgres: true, python: false },
  }))
  return run
}

/** The law that gives exactly what {@link side} served. */
function lawOf({ closed }: CapacitySide) {
  const [alpha, beta, gamma] = [1 / 3, 0, closed[0]?.tps ?? 0]
  const tps = (clients: number) =>
    (gamma * clients) / (1 + alpha * (clients - 1) + beta * clients * (clients - 1))
  const estimate = (value: number) => ({ value, low: 0.9 * value, high: 1.1 * value })
  return {
    alpha: estimate(alpha),
    beta: estimate(beta),
    gamma: estimate(gamma),
    blocks: 6,
    levels: closed.map(({ clients, tps: measured }) => ({
      clients,
      measured,
      fitted: tps(clients),
      residual: (measured - tps(clients)) / measured,
    })),
    curve: [1, 10, 50, 100, 200].map((clients) => ({ clients, ...estimate(tps(clients)) })),
  }
}

/** With a law, a plan and batches, so that every chart and every table has something to show. */
export function fullSampleCapacityRun(): CapacityRun {
  const run = sampleCapacityRun()
  run.scaling = run.sides.map((side) => ({ side: side.side, law: lawOf(side) }))
  const fleet = fleetOfOnePrice(0.34, run.workload.sides)
  run.plan = {
    ...planOf(capacitiesOf(run), { demand: 50_000, headroom: 0.3, spare: 1, fleet }),
    currency: 'USD',
    fleet,
  }
  run.batches = [
    {
      ...{ size: 5, side: 'postgres', clients: 10, predictionsPerSecond: 20_000, requestsPerSecond: 4000 },
      ...{ latencyMs: { mean: 2.5, p50: 2.4, p99: 5 }, failures: 0 },
    },
  ]
  return run
}
