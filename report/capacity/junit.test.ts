import { expect, test } from 'vitest'
import { all, attribute, one, read } from '../../tests/junit/read.ts'
import { sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { capacityJunit } from './junit.ts'
import { sentence } from './words.ts'

test('a case for each threshold, each side, each rate that was confirmed and each premise', () => {
  const document = read(capacityJunit(sampleCapacityRun()))
  const names = (suite: string) =>
    all(document, `//testsuite[@name="${suite}"]/testcase`).map((each) => attribute(each, 'name'))
  expect(names('thresholds')).toEqual(['capacity.postgres.minRate', 'capacity.minRatio'])
  expect(names('capacities')).toEqual([
    'postgres has a capacity at p99<10ms',
    'postgres holds p99<10ms at 4,010/s',
    'python has a capacity at p99<10ms',
    'python holds p99<10ms at 980/s',
  ])
  expect(names('premises')).toEqual(['keep-alive'])
  expect(all(document, '//testcase/*')).toEqual([])
  expect(attribute(one(document, '//testsuite[@name="capacities"]'), 'time')).toBe('480.000')
  expect(one(document, '//testsuite[@name="thresholds"]/system-out').content).toBe(
    sentence(sampleCapacityRun()),
  )
})

test('a crossed threshold fails, an undecided one is skipped with why', () => {
  const run = sampleCapacityRun()
  Object.assign(run.verdict.checks[0] ?? {}, { outcome: 'fail', bound: 5000 })
  Object.assign(run.verdict.checks[1] ?? {}, { outcome: 'undecided', why: 'client-limited' })
  const document = read(capacityJunit(run))
  expect(attribute(one(document, '//failure'), 'message')).toBe(
    'measured 4,120/s [4,010, 4,230], expected ≥ 5,000/s',
  )
  const skipped = one(document, '//testcase[@name="capacity.minRatio"]/skipped')
  expect(attribute(skipped, 'message')).toBe(
    'undecided: measured 4.10× [3.90, 4.30], expected ≥ 3.00×: client-limited',
  )
  expect(skipped.content).toContain('why: client-limited')
})

test('what is no capacity is skipped, and no failure', () => {
  const document = read(capacityJunit(unreachedCapacityRun()))
  expect(all(document, '//failure | //error')).toEqual([])
  expect(all(document, '//skipped').map((each) => attribute(each, 'message'))).toEqual([
    'undecided: measured nothing, expected ≥ 3.00×: python: no rate confirmed',
    'at least 4,010, client-limited',
    'no rate confirmed',
    'held in 0 of 5 fresh sessions',
  ])
})

test('a broken premise is an error', () => {
  const run = sampleCapacityRun()
  run.premises = [{ name: 'a <b> & "c"', holds: false, seen: ']]>\n' }]
  run.verdict.checks = []
  const document = read(capacityJunit(run))
  expect(attribute(one(document, '//error'), 'type')).toBe('premise broken')
  expect(all(document, '//testsuite').map((suite) => attribute(suite, 'name'))).toEqual([
    'capacities',
    'premises',
  ])
})
