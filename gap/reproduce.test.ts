import { expect, test } from 'vitest'
import { published } from '../workload/published.ts'
import { failuresOfWays, publishedWays, wayOf } from './reproduce.ts'

test('a way is the middle of its rounds, and all of their failures', () => {
  const rounds = [
    { meanMs: 3, tps: 100, failures: 1, keptAlive: 0.5, p99Ms: 9, maxMs: 90 },
    { meanMs: 1, tps: 300, failures: 0, keptAlive: 1, p99Ms: 7, maxMs: 70 },
    { meanMs: 2, tps: 200, failures: 4, keptAlive: 0.75, p99Ms: 8, maxMs: 50 },
  ]
  expect(wayOf('ours', rounds)).toEqual({
    name: 'ours',
    meanMs: 2,
    tps: 200,
    failures: 5,
    keptAlive: 0.75,
    p99Ms: 8,
    maxMs: 70,
  })
})

test('what a client does not say is not made up; what some rounds say is their middle', () => {
  expect(wayOf('pgbench', [{ meanMs: 1, tps: 2, failures: 0 }])).toEqual({
    name: 'pgbench',
    meanMs: 1,
    tps: 2,
    failures: 0,
  })
  const some = wayOf('ab', [
    { meanMs: 1, tps: 2, failures: 0, p99Ms: 4 },
    { meanMs: 1, tps: 2, failures: 0 },
  ])
  expect(some).toMatchObject({ p99Ms: 4 })
  expect(some).not.toHaveProperty('maxMs')
})

test('a way that failed, in whatever round, is named with its failures', () => {
  const right = { meanMs: 1, tps: 2, failures: 0 }
  const ways = [
    wayOf('pgbench extended', [right]),
    wayOf('kept alive', [right, { ...right, failures: 3 }, { ...right, failures: 4 }]),
  ]
  expect(failuresOfWays(ways)).toEqual(['kept alive: 7 failed'])
})

// https://postgresml.org/blog/postgresml-is-8x-faster-than-python-http-microservices
test('the published figures are those of its two outputs', () => {
  expect(publishedWays.map(({ tps, meanMs, failures }) => [tps, meanMs, failures])).toEqual([
    [5926.5, 0.169, 0],
    [859.09, 1.164, 0],
  ])
  expect(publishedWays.map(({ name }) => name)).toEqual(['published: pgbench extended', 'published: ab -k'])
  expect(publishedWays[0]).not.toHaveProperty('keptAlive')
  expect(publishedWays[1]).toMatchObject({ keptAlive: 0, p99Ms: 2, maxMs: 19 })
})

test('its gaps: the database answered 6.9 times as often and trained in less than half of the memory', () => {
  const { tps, mean, trainingMemory } = published.gap ?? {}
  expect([tps, mean, trainingMemory].map((gap) => gap?.toFixed(2))).toEqual(['6.90', '6.89', '2.23'])
})
