/**
 * The published benchmark's figures, for one client: "PostgresML is 8-40x faster than Python HTTP microservices"
 * (https://postgresml.org/blog/postgresml-is-8x-faster-than-python-http-microservices): pgbench in extended mode against
 * ApacheBench with keep-alive asked for, 10,000 calls, XGBoost with 25 rounds on flight delays.
 */
export const published = {
  postgres: { tps: 5926.5, meanMs: 0.169, trainingGigabytes: 5.2 },
  python: { tps: 859.09, meanMs: 1.164, p99Ms: 2, maxMs: 19, failures: 0, trainingGigabytes: 11.6 },
  gap: { tps: 5926.5 / 859.09, mean: 1.164 / 0.169, trainingMemory: 11.6 / 5.2 },
} as const
