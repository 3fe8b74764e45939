/** A made-up search with known figures, for tests of what is made from one. */
import { type Fleet, fleetOfOnePrice } from '../../gap/capacity/fleet.ts'
import { planOf } from '../../gap/capacity/plan.ts'
import { scalingOf } from '../../gap/capacity/scaling.ts'
import { random } from '../../workload/random.ts'
import { capacitiesOf } from './data.ts'
import type { CapacityRun, CapacitySide, RateRow } from './run.ts'
import { verdictOf } from './verdict.ts'

const objective = 'p99<10ms'
const block = 20

/** @param p99 the latency there; at 10 ms 99 % of the requests are within the limit */
function rateRow(rate: number, p99: number, verdict: RateRow['verdict']): RateRow {
  const share = { holds: 0.995, undecided: 0.9901, crossed: 0.97 }[verdict]
  return {
    rate,
    verdict,
    ...(verdict === 'undecided' && { why: `${objective}: 99 % of what it allows (80 % to 120 %)` }),
    ...(verdict === 'crossed' && { why: 'a backlog grows: each second the latency rises by 12 ms' }),
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
  const ratios = [{ side: 'postgres', last: 'python', median: 4.1, low: 3.9, high: 4.3 }]
  const thresholds = { capacity: { postgres: { minRate: 3000 }, minRatio: 3 } }
  const workload = {
    name: 'flights',
    digest: 'abc',
    keys: 1000,
    draw: 'at random',
    answers: 'numbers, the same within 1e-5',
    sides: sides.map(({ side }) => side),
  }
  const premises = [
    { name: 'keep-alive', holds: true, seen: 'none of the 200 connections had to be replaced' },
  ]
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
    workload,
    settings: { arrivals: 'poisson', clients: 100, block, seed: 7, sessions: 8, seconds: 480 },
    sides,
    ratios,
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
    premises,
    thresholds,
    verdict: verdictOf({ sides, ratios, workload, premises }, thresholds),
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
  run.resources = run.resources.filter(({ side }) => side === first.side)
  delete first.found
  run.ratios = []
  run.verdict = verdictOf(run, run.thresholds)
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

/** As a real search leaves it: rates crowd where the limit is, and noise puts some of them on the wrong side. */
const servers = [
  // M/M/1, of which p99 is ln(100) ÷ (μ − λ): 10 ms at a rate of μ − 460.5.
  { key: 'postgres', served: 4581, law: { alpha: 0.12, beta: 0.0004, gamma: 1100 } },
  { key: 'python', served: 1465, law: { alpha: 0.2, beta: 0.002, gamma: 380 } },
]
const clientsAsked = [1, 5, 20, 50, 100]
const shares = [0.62, 0.86, 0.93, 0.955, 0.97, 0.985, 0.995, 1.005, 1.02, 1.035, 1.06, 1.18]

function realisticRate(served: number, rate: number, noise: number): RateRow {
  // A queue that does not end grows for as long as it is asked.
  const free = Math.max(served - rate, served / 40) * Math.exp(0.07 * noise)
  const within = 1 - Math.exp(-free * 0.01)
  const half = 0.0028 * Math.sqrt((1 - within) / 0.01)
  const [low, high] = [within - half, Math.min(1, within + half)]
  const verdict = low >= 0.99 ? 'holds' : high < 0.99 ? 'crossed' : 'undecided'
  const at = (share: number) => (-Math.log(1 - share) / free) * 1000
  const due = Math.round(rate * 24)
  return {
    rate: Number(rate.toPrecision(4)),
    verdict,
    ...(verdict !== 'holds' && { why: 'p99<10ms: 104 % of what it allows (82 % to 131 %)' }),
    terms: [
      { text: 'p99<10ms', value: within, low, high },
      { text: 'failures<0.1%', value: 0.00002, low: 0, high: 0.0001 },
    ],
    rounds: 6,
    due,
    achieved: rate > served ? served / rate : 0.9998,
    growth: Math.max(0, 1 - served / rate),
    latencyMs: { mean: 1000 / free, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1 - 1 / due) },
    client: { lateP99Ms: 0.21, nullP99Ms: 0.48, waited: rate > served ? 0.031 : 0 },
  }
}

/** Throughput of blocks by the law, with noise. */
function blocksOf({ alpha, beta, gamma }: (typeof servers)[number]['law'], normal: () => number) {
  return clientsAsked.flatMap((clients) =>
    [1, 2, 3, 4].map(() => ({
      clients,
      session: 1,
      tps:
        ((gamma * clients) / (1 + alpha * (clients - 1) + beta * clients * (clients - 1))) *
        Math.exp(0.03 * normal()),
    })),
  )
}

function realisticSide({ key, served, law }: (typeof servers)[number], normal: () => number) {
  const blocks = blocksOf(law, normal)
  const capacity = served - Math.log(100) / 0.01
  const found = { capacity, low: 0.968 * capacity, high: 1.031 * capacity, way: 'fit' as const }
  const side: CapacitySide = {
    side: key,
    objective: 'p99<10ms,failures<0.1%',
    closed: clientsAsked.map((clients) => {
      const own = blocks.filter((block) => block.clients === clients)
      return { clients, tps: own.reduce((sum, { tps }) => sum + tps, 0) / own.length }
    }),
    found,
    confirmed: Number(found.low.toPrecision(4)),
    rates: shares.map((share) => realisticRate(served, share * capacity, normal())),
  }
  return { side, law: scalingOf(blocks) }
}

/** Made-up figures in the places and of the sizes of real ones: what a reader has to be able to look at. */
export function realisticCapacityRun(): CapacityRun {
  const next = random(17)
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const made = servers.map((server) => realisticSide(server, normal))
  const run = sampleCapacityRun()
  run.command = "npx inference-gap capacity --objective 'p99<10ms,failures<0.1%' --demand 50k --batch 1,5,20"
  run.sides = made.map(({ side }) => side)
  run.scaling = made.map(({ side: { side }, law }) => ({ side, law }))
  run.settings = { ...run.settings, block: 4, sessions: 14, seconds: 560 }
  const rates = Object.fromEntries(run.sides.map(({ side, confirmed = 0 }) => [side, confirmed]))
  run.confirmations = run.confirmations.map(({ held }) => ({ rates, held }))
  for (const resources of run.resources) resources.rate = rates[resources.side] ?? 0
  const fleet: Fleet = {
    currency: 'USD',
    sides: {
      postgres: { parts: [{ name: 'database', price: 0.34 }] },
      python: {
        parts: [
          { name: 'service', price: 0.34 },
          { name: 'feature store', price: 0.166, each: 4 },
          { name: 'balancer', price: 0.0225, count: 1 },
        ],
      },
    },
  }
  run.plan = {
    ...planOf(capacitiesOf(run), { demand: 50_000, headroom: 0.3, spare: 1, fleet }),
    fleet,
  }
  const interval = (median: number) => ({ median, low: 0.94 * median, high: 1.07 * median, pairs: 12 })
  run.batches = [1, 5, 20].flatMap((size) =>
    made.map(({ side }, at) => {
      const gain = size ** (at === 0 ? 0.8 : 0.9)
      const requestsPerSecond = ((at === 0 ? 4600 : 1400) * gain) / size
      const p50 = (20 / requestsPerSecond) * 1000
      return {
        ...{ size, side: side.side, clients: 20, requestsPerSecond, failures: 0 },
        predictionsPerSecond: requestsPerSecond * size,
        latencyMs: { mean: 1.1 * p50, p50, p99: 2.6 * p50 },
        ...(size > 1 && { gain: interval(gain) }),
        ...(at === 0 && { gap: interval((4600 / 1400) * size ** -0.1) }),
      }
    }),
  )
  run.thresholds = { capacity: { postgres: { minRate: 3500 }, python: { minRate: 1000 }, minRatio: 3 } }
  run.verdict = verdictOf(run, run.thresholds)
  return run
}
