import { expect, test } from 'vitest'
import { causeInWords, causesOf, failedShareOf, mostLikely } from './failures.ts'
import { sampleMeasurement } from './fixture.ts'
import { type FailureKind, measurementSchema } from './measurement.ts'
import { merged } from './merge.ts'

const failed = (change: Partial<FailureKind>): FailureKind => ({
  ...{ key: 'python', clients: 1, session: 1, phase: 'measure', kind: 'HTTP 503', count: 1, message: 'busy' },
  ...change,
})

test('failures are taken together by side and kind, the most frequent first', () => {
  const failures = [
    failed({ count: 2, message: 'HTTP 503: the first' }),
    failed({ count: 3, clients: 5 }),
    failed({ count: 1, phase: 'opening', session: 2 }),
    failed({ count: 4, key: 'postgres' }),
    failed({ count: 7, kind: 'ECONNRESET', message: '' }),
  ]
  const causes = causesOf({ failures })
  expect(causes.map(({ key, kind, count }) => [key, kind, count])).toEqual([
    ['python', 'ECONNRESET', 7],
    ['python', 'HTTP 503', 6],
    ['postgres', 'HTTP 503', 4],
  ])
  expect(causes[1]).toMatchObject({ clients: [1, 5], phases: { measure: 5, opening: 1 } })
  expect(causes.map(causeInWords)).toEqual([
    'python: ECONNRESET (7 times)',
    'python: HTTP 503 (6 times): the first',
    'postgres: HTTP 503 (4 times): busy',
  ])
  expect(mostLikely(causes)).toMatchObject({ cause: 'most of 17 failures: python: ECONNRESET (7 times)' })
  expect(causesOf({ failures }, ({ key }) => key === 'postgres')).toHaveLength(1)
})

test.each([
  // Failed ones of all that were asked.
  [[[3, 1]], 0.25],
  [
    [
      [90, 0],
      [0, 10],
    ],
    0.1,
  ],
  [[[5, 0]], 0],
  [[[0, 5]], 1],
  [[], Number.NaN],
])('blocks of %j right and failed requests: a share of %d failed', (counts, expected) => {
  const [like] = sampleMeasurement().blocks
  if (!like) throw new Error('the sample has blocks')
  const blocks = (counts as number[][]).map(([ok = 0, failed = 0]) => ({
    ok: { ...like.ok, count: ok },
    failed: { ...like.failed, count: failed },
  }))
  expect(failedShareOf(blocks)).toBe(expected)
})

test('one alone is said so, none is no cause', () => {
  expect(mostLikely(causesOf({ failures: [failed({})] })).cause).toBe('python: HTTP 503 (once): busy')
  expect(mostLikely([])).toEqual({})
})

test('sessions keep their failures apart', () => {
  const one = () => ({ ...sampleMeasurement(), failures: [failed({})] })
  expect(merged([one(), one()]).failures.map(({ session }) => session)).toEqual([1, 2])
})

test('a measurement of before failures were counted can be read', () => {
  const { failures, ...before } = sampleMeasurement()
  expect(failures).toEqual([])
  expect(measurementSchema.parse(before)).toEqual(sampleMeasurement())
})
