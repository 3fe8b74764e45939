/**
 * The published benchmark's figures, for one client: "PostgresML is 8-40x faster than Python HTTP microservices": pgbench in extended
 * mode against ApacheBench with keep-alive asked for, 10,000 calls, XGBoost with 25 rounds on flight delays.
 */
import type { Published } from './workload.ts'

const postgres = { tps: 5926.5, meanMs: 0.169 }
const python = { tps: 859.09, meanMs: 1.164 }
/** Gigabytes that training had resident at the most. */
const training = { postgres: 5.2, python: 11.6 }

/** Read off the benchmark's chart of one machine. */
const curve = [
  { clients: 1, tps: { postgres: 5900, python: 860 } },
  { clients: 10, tps: { postgres: 32_300, python: 4700 } },
  { clients: 20, tps: { postgres: 17_300, python: 5000 } },
  { clients: 20, tps: { postgres: 25_900, python: 5000 }, between: 'PgBouncer' },
  { clients: 100, tps: { postgres: 24_100, python: 5000 }, between: 'PgBouncer' },
]

export const published: Published & { sides: { postgres: typeof postgres; python: typeof python } } = {
  source: 'https://postgresml.org/blog/postgresml-is-8x-faster-than-python-http-microservices',
  clients: 1,
  sides: { postgres, python },
  curve,
  gap: {
    tps: postgres.tps / python.tps,
    mean: python.meanMs / postgres.meanMs,
    trainingMemory: training.python / training.postgres,
  },
  // Read off its chart.
  acrossHosts: [
    [7200, 270],
    [38_200, 1070],
  ],
}

/** What ApacheBench printed of it besides: milliseconds, and calls that failed. */
export const publishedService = { ...python, p99Ms: 2, maxMs: 19, failures: 0 }
