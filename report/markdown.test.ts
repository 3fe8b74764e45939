import { expect, test } from 'vitest'
import { compareWithBaseline } from '../gap/baseline.ts'
import { sampleRun } from './fixture.ts'
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
