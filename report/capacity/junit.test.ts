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

test('who looks closer finds what is known of each case, of its own side alone, and what could not be asked', () => {
  const run = unreachedCapacityRun()
  run.missed = [
    { what: 'versions', kind: 'odd', message: 'sorry' },
    { what: 'settings', kind: 'odd', message: '' },
  ]
  run.premises.push({ name: 'b', holds: false, seen: 'x' })
  Object.assign(run.verdict.checks[0] ?? {}, { outcome: 'fail' })
  const document = read(capacityJunit(run))
  const suites = all(document, '//testsuite').map((suite) =>
    ['name', 'tests', 'failures', 'errors', 'skipped', 'time'].map((name) => attribute(suite, name)),
  )
  expect(suites).toEqual([
    ['thresholds', '2', '1', '0', '1', '0.000'],
    ['capacities', '4', '0', '0', '3', '480.000'],
    ['premises', '2', '0', '1', '0', '0.000'],
  ])
  const cases = all(document, '//testcase').map((each) => attribute(each, 'name'))
  expect(cases.slice(2, 6)).toEqual([
    'postgres has a capacity at p99<10ms',
    'postgres holds p99<10ms at 4,010/s',
    'python has a capacity at p99<10ms',
    'python holds p99<10ms at 980/s',
  ])
  expect(all(document, '//testcase/*').map(({ name, content }) => [name, content])).toEqual([
    ['failure', 'threshold: capacity.postgres.minRate\nmeasured: 4,010/s [4,010, ∞]\nexpected: ≥ 3,000/s'],
    [
      'skipped',
      'threshold: capacity.minRatio\nmeasured: nothing\nexpected: ≥ 3.00×\nwhy: python: no rate confirmed',
    ],
    ['skipped', 'side: postgres\nwhat is known: at least 4,010, client-limited'],
    ['skipped', 'side: python\nwhat is known: no rate confirmed'],
    ['skipped', 'side: python\nobjective: p99<10ms\nseen: held in 0 of 5 fresh sessions'],
    ['error', 'premise: b\nseen: x\nwhat follows: the figures mean nothing'],
  ])
  const type = (of: string) => attribute(one(document, of), 'type')
  expect([type('//failure'), type('//error')]).toEqual(['threshold crossed', 'premise broken'])
  expect(one(document, '//testsuite[@name="premises"]/system-err').content).toBe(
    'versions: odd × 1 (after the load): sorry\nsettings: odd × 1 (after the load)',
  )
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
