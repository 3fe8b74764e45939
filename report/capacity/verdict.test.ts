import { expect, test } from 'vitest'
import { capacitiesOf } from './data.ts'
import { sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { capacityReport } from './terminal.ts'
import { verdictOf } from './verdict.ts'

const rates = { postgres: { minRate: 4000 }, python: { minRate: 900 } }

test('one that no rate confirmed is no capacity, whoever asks', () => {
  expect(capacitiesOf(sampleCapacityRun())).toEqual([
    { side: 'postgres', capacity: 4120, low: 4010, high: 4230, confirmed: 4010 },
    { side: 'python', capacity: 1005, low: 980, high: 1030, confirmed: 980 },
  ])
  expect(capacitiesOf(unreachedCapacityRun())).toEqual([
    expect.objectContaining({ capacity: 4010, atLeast: { rate: 4010, why: 'client-limited' } }),
    { side: 'python', why: 'no rate confirmed' },
  ])
})

test('a search is judged by what it found', () => {
  const { checks, outcome } = verdictOf(sampleCapacityRun(), { capacity: { ...rates, minRatio: 3.5 } })
  expect(checks.map(({ threshold, measured, outcome: each }) => [threshold, measured, each])).toEqual([
    ['capacity.postgres.minRate', 4120, 'pass'],
    ['capacity.python.minRate', 1005, 'pass'],
    ['capacity.minRatio', 4.1, 'pass'],
  ])
  expect(outcome).toBe('pass')
  expect(verdictOf(sampleCapacityRun(), { capacity: { minRatio: 4.4 } }).outcome).toBe('fail')
  expect(verdictOf(sampleCapacityRun(), {})).toEqual({ checks: [], outcome: 'pass' })
})

test('a side without a capacity is undecided, and has no figure', () => {
  const run = unreachedCapacityRun()
  run.thresholds = { capacity: rates }
  run.verdict = verdictOf(run, run.thresholds)
  expect(run.verdict.checks).toEqual([
    expect.objectContaining({ outcome: 'pass', measured: 4010 }),
    expect.objectContaining({ outcome: 'undecided', measured: Number.NaN, why: 'no rate confirmed' }),
  ])
  expect(run.verdict.outcome).toBe('undecided')
  const text = capacityReport(run)
  expect(text).toMatch(/capacity\.python\.minRate +nothing +≥ 900\/s/)
  expect(text).toContain('capacity.python.minRate: no rate confirmed')
})

test('a side that held at no rate is not passed over', () => {
  const run = sampleCapacityRun()
  Object.assign(run.sides[1] ?? {}, { found: undefined, confirmed: undefined, none: 'crossed at every rate' })
  expect(verdictOf(run, { capacity: { python: { minRate: 1 } } })).toMatchObject({
    ...{ outcome: 'undecided', checks: [{ why: 'crossed at every rate' }] },
  })
})
