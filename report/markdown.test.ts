import { expect, test } from 'vitest'
import { compareWithBaseline } from '../gap/baseline.ts'
import { runByHand, sampleRun } from './fixture.ts'
import { markdown } from './markdown.ts'

test('the verdict first, then the gap beside the published one', () => {
  const text = markdown(sampleRun())
  expect(text).toMatch(/^## Inference gap\n\n\*\*At one client postgres gives 5\.00 times/)
  expect(text).toContain('| postgres against python | 1 | 5.00× \\[5.00, 5.00\\] |')
  expect(text).toContain('| 6.90× |')
  expect(text).toContain('| `gap.minTpsRatio` | 1 | 5.00× \\[5.00, 5.00\\] | ≥ 4.00× | ✅ holds |')
})

test('what is wrong stands out', () => {
  const run = sampleRun([0.5, 0.5])
  run.premises = [{ name: 'keep-alive', holds: false, seen: '1000 connections' }]
  const text = markdown(run)
  expect(text).toContain('❌ crossed')
  expect(text).toContain(
    '> ❌ A premise is broken, so the figures mean nothing: keep-alive: 1000 connections',
  )
})

test('text of targets cannot become markup', () => {
  const run = sampleRun()
  run.machine.processor = '<img src=x> | [a](b) `c`'
  run.targets.python = 'two\nlines'
  const text = markdown(run)
  expect(text).toContain('&lt;img src=x> \\| \\[a\\](b) \\`c\\`')
  expect(text).toContain('| python | two lines |')
})

test('against a baseline', () => {
  const now = sampleRun([2, 2, 2, 2])
  const compared = compareWithBaseline(sampleRun().verdict.gaps, now.verdict.gaps)
  expect(markdown(now, compared)).toContain(
    '| postgres tps | 1 | 5.00× \\[5.00, 5.00\\] | 2.00× \\[2.00, 2.00\\] | ❌ regressed |',
  )
  expect(markdown(now, compared)).not.toContain('is not as it was')
  const moved = [{ key: 'postgres', clients: 1, beforeMs: 0.026, nowMs: 0.034 }]
  expect(markdown(now, compared, moved)).toContain('postgres at one client 0.026 ms before, 0.034 ms now.')
})

const lines = (text: string) => text.split('\n').filter((line) => line !== '')
const even = '5.00× \\[5.00, 5.00\\]'

test('what was published stands beside the first side alone, at as many clients', () => {
  const run = runByHand()
  const [gap] = run.verdict.gaps
  if (!gap || !run.published) throw new Error('no gap')
  run.verdict.gaps = [gap, { ...gap, clients: 5 }, { ...gap, key: 'cache' }]
  const rows = () => lines(markdown(run)).filter((line) => line.includes(' against '))
  const row = (key: string, clients: number, last: string) =>
    `| ${key} against python | ${clients} | ${even} | ${even} | ${even} | ${last} |`
  expect(rows()).toEqual([row('postgres', 1, '6.90×'), row('postgres', 5, ''), row('cache', 1, '')])
  // Of somebody else's gap nothing may be known.
  const { gap: _, ...rest } = run.published
  run.published = rest
  expect(rows()[0]).toBe(row('postgres', 1, ''))
})

test('where nothing is published, judged or failed there is no such table', () => {
  const run = runByHand()
  delete run.published
  run.measurement.failures = []
  run.premises = []
  run.verdict.checks = []
  const tables = (text: string) =>
    lines(text).slice(0, lines(text).indexOf('<details><summary>Run</summary>'))
  const sides = [
    '| side | clients | TPS | p50 ms | p95 ms | p99 ms | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| postgres | 1 | 1,000 | 1.00 | 1.00 | 1.00 | 0 |',
    '| python | 1 | 200 | 5.00 | 5.00 | 5.00 | 0 |',
    '<details><summary>Thresholds</summary>',
    '| threshold | clients | measured | bound |  |',
    '| --- | ---: | ---: | ---: | ---: |',
    '</details>',
  ]
  expect(tables(markdown(run)).slice(2)).toEqual([
    '| gap | clients | TPS | p50 latency | p95 latency |',
    '| --- | ---: | ---: | ---: | ---: |',
    `| postgres against python | 1 | ${even} | ${even} | ${even} |`,
    ...sides,
  ])
  run.verdict.gaps = []
  expect(tables(markdown(run))).toEqual(['## Inference gap', '**No threshold was judged.**', ...sides])
})

test('the whole table against a baseline', () => {
  const ratio = (median: number) => ({ median, low: median, high: median, pairs: 4 })
  const compared = (['regressed', 'improved', 'within noise'] as const).map((change) => ({
    ...{ key: 'a_b', figure: 'tps' as const, clients: 1, before: ratio(5), now: ratio(2), change },
  }))
  const all = lines(markdown(runByHand(), compared))
  const at = all.indexOf('<details><summary>Against the baseline</summary>')
  const row = (change: string) => `| a\\_b tps | 1 | ${even} | 2.00× \\[2.00, 2.00\\] | ${change} |`
  expect(all.slice(at, at + 7)).toEqual([
    '<details><summary>Against the baseline</summary>',
    '| gap | clients | before | now |  |',
    '| --- | ---: | ---: | ---: | ---: |',
    row('❌ regressed'),
    row('improved'),
    row('within noise'),
    '</details>',
  ])
  expect(lines(markdown(runByHand()))).not.toContain('<details><summary>Against the baseline</summary>')
})
