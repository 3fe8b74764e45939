import { describe, expect, test } from 'vitest'
import type { Thresholds } from '../bounds.ts'
import { sampleMeasurement } from '../fixture.ts'
import { judge } from '../verdict.ts'
import type { Capacity, NoCapacity } from './capacity.ts'
import { judgeCapacity } from './judge.ts'

const database: Capacity = { side: 'database', capacity: 9000, low: 8000, high: 10_000, confirmed: 8000 }
const service: Capacity = { side: 'service', capacity: 3000, low: 2900, high: 3100, confirmed: 2900 }
const declared = ['database', 'service']
const limited = { ...database, atLeast: { rate: 9500, why: 'client-limited' } }
const unconfirmed = { side: 'database', why: 'no rate confirmed' }

describe('a rate', () => {
  const judged = (found: Capacity | NoCapacity, minRate: number) =>
    judgeCapacity([found, service], [], { capacity: { database: { minRate } } }, declared)

  test.each([
    ['pass', 8000],
    ['undecided', 8001],
    ['undecided', 10_000],
    ['fail', 10_001],
  ])('%s where the bound is %d and the interval 8,000 to 10,000', (outcome, bound) => {
    expect(judged(database, bound)).toEqual([
      {
        threshold: 'capacity.database.minRate',
        measured: 9000,
        interval: [8000, 10_000],
        relation: '≥',
        bound,
        unit: 'TPS',
        outcome,
      },
    ])
  })

  test('that was confirmed at a lower rate alone holds up to there', () => {
    expect(judged({ ...database, confirmed: 7000 }, 7000)[0]?.outcome).toBe('pass')
    expect(judged({ ...database, confirmed: 7000 }, 7500)[0]?.outcome).toBe('undecided')
    // A luckier session does not lift the interval.
    expect(judged({ ...database, confirmed: 8500 }, 8400)[0]?.outcome).toBe('undecided')
  })

  test.each([1, 8000, 10_001])('that nothing confirmed is undecided, whatever the bound: %d', (bound) => {
    // And no figure is told as one.
    expect(judged(unconfirmed, bound)).toEqual([
      {
        threshold: 'capacity.database.minRate',
        measured: Number.NaN,
        relation: '≥',
        bound,
        unit: 'TPS',
        outcome: 'undecided',
        reason: 'no rate confirmed',
      },
    ])
  })

  test('of a client that ended first holds up to it, and says nothing above', () => {
    // Whatever the interval was, and whether or not fresh sessions were run.
    const { confirmed: _, ...rest } = limited
    expect(judged(rest, 9500)[0]).toMatchObject({ outcome: 'pass', measured: 9500 })
    expect(judged(rest, 9500)[0]).not.toHaveProperty('reason')
    expect(judged(limited, 9500)[0]).toMatchObject({
      ...{ outcome: 'undecided', reason: '8,000/s or more, client-limited' },
    })
    expect(judged(rest, 1e6)[0]).toMatchObject({
      ...{ outcome: 'undecided', reason: '9,500/s or more, client-limited' },
    })
  })
})

describe('a ratio', () => {
  const ratio = { median: 3, low: 2.5, high: 3.5 }
  const judged = (own: Capacity | NoCapacity, last: Capacity | NoCapacity, minRatio: number) =>
    judgeCapacity([own, last], [{ side: 'database', ratio }], { capacity: { minRatio } }, declared)

  test.each([
    ['pass', 2.5],
    ['undecided', 3.5],
    ['fail', 3.6],
  ])('%s where the bound is %d and the interval 2.5 to 3.5', (outcome, bound) => {
    expect(judged(database, service, bound)).toEqual([
      {
        threshold: 'capacity.minRatio',
        measured: 3,
        interval: [2.5, 3.5],
        relation: '≥',
        bound,
        unit: 'times',
        outcome,
      },
    ])
  })

  // As for a rate: of the one side so much less is sure, or of the other.
  test('of which a side was confirmed at a lower rate alone reaches as far as that', () => {
    const half = <T extends Capacity>(of: T) => ({ ...of, confirmed: of.low / 2 })
    expect(judged(half(database), service, 2)[0]).toMatchObject({
      interval: [1.25, 3.5],
      outcome: 'undecided',
    })
    expect(judged(database, half(service), 4)[0]).toMatchObject({ interval: [2.5, 7], outcome: 'undecided' })
    // A luckier session does not lift the interval.
    expect(judged({ ...database, confirmed: 9000 }, service, 2.6)[0]?.interval).toEqual([2.5, 3.5])
  })

  test('of a side that may do more is one of at least', () => {
    expect(judged(limited, service, 2.5)[0]?.outcome).toBe('pass')
    // What is decided has no reason to be undecided.
    expect(judged(limited, service, 2.5)[0]).not.toHaveProperty('reason')
    expect(judged(limited, service, 9)[0]).toMatchObject({
      ...{ outcome: 'undecided', reason: 'database: client-limited' },
    })
  })

  test('against a side that may do more is one of at most', () => {
    const last = { ...service, atLeast: { rate: 3000, why: 'machine-limited' } }
    expect(judged(database, last, 9)[0]?.outcome).toBe('fail')
    expect(judged(database, last, 0.1)[0]).toMatchObject({
      ...{ outcome: 'undecided', reason: 'service: machine-limited' },
    })
    expect(judged(limited, last, 1)[0]?.reason).toBe('database: client-limited; service: machine-limited')
  })

  test('of what nothing confirmed is undecided', () => {
    expect(judged(unconfirmed, service, 0.1)[0]).toMatchObject({
      ...{ outcome: 'undecided', measured: Number.NaN, unit: 'times', reason: 'database: no rate confirmed' },
    })
    expect(judged(unconfirmed, { side: 'service', why: 'crossed at every rate' }, 0.1)[0]?.reason).toBe(
      'database: no rate confirmed; service: crossed at every rate',
    )
  })

  test('that was not found is undecided, for a bound that nobody judges would pass', () => {
    const thresholds = { capacity: { minRatio: 1 } }
    const reasonOf = (own: Capacity) => judgeCapacity([own, service], [], thresholds, declared)[0]
    expect(reasonOf(limited)).toMatchObject({
      ...{ outcome: 'undecided', unit: 'times', reason: 'database: client-limited' },
    })
    expect(reasonOf(database)?.reason).toBe('no ratio of the two was found')
  })

  test('of three sides is one of each pair', () => {
    const thresholds: Thresholds = { capacity: { minRatio: { 'new/old': 4, 'cache/old': 4 } } }
    const sides = ['new', 'cache', 'old']
    const judgedWithout = (unknown: string) =>
      judgeCapacity(
        sides.map((side) => (side === unknown ? { side, why: 'no rate confirmed' } : { ...database, side })),
        [
          { side: 'new', ratio },
          { side: 'cache', ratio: { median: 5, low: 4, high: 6 } },
        ],
        thresholds,
        sides,
      ).map(({ threshold, outcome, reason }) => [threshold, outcome, reason])
    expect(judgedWithout('')).toEqual([
      ['capacity.minRatio.new/old', 'fail', undefined],
      ['capacity.minRatio.cache/old', 'pass', undefined],
    ])
    // Of the last one nothing is known: of no pair, then. Of another one: of its own pair alone.
    const reason = 'old: no rate confirmed'
    expect(judgedWithout('old')).toEqual([
      ['capacity.minRatio.new/old', 'undecided', reason],
      ['capacity.minRatio.cache/old', 'undecided', reason],
    ])
    expect(judgedWithout('cache').map(([, outcome]) => outcome)).toEqual(['fail', 'undecided'])
  })
})

test('a side that was not measured is not judged, nor is what nobody bounded', () => {
  const thresholds = { capacity: { database: { minRate: 1 }, service: {}, minRatio: 1 } }
  expect(judgeCapacity([service], [], thresholds, declared)).toEqual([])
  expect(judgeCapacity([service, database], [], {}, declared)).toEqual([])
})

test('a comparison judges no capacity', () => {
  const thresholds = { postgres: { minTps: 1 }, capacity: { postgres: { minRate: 1e9 }, minRatio: 1e9 } }
  const { checks, outcome } = judge(sampleMeasurement(), thresholds)
  expect(checks.map(({ threshold }) => threshold)).toEqual(['postgres.minTps'])
  expect(outcome).toBe('pass')
})
