import { expect, test } from 'vitest'
import { compareWithBaseline } from '../gap/baseline.ts'
import { junit } from './junit.ts'
import { sampleRun } from './sample.ts'

test('a case for each threshold and each premise', () => {
  const run = sampleRun()
  const xml = junit(run)
  expect(xml.match(/<testcase /g)).toHaveLength(run.verdict.checks.length + run.premises.length)
  expect(xml).toContain(
    `tests="${run.verdict.checks.length + run.premises.length}" failures="0" errors="0" skipped="0"`,
  )
  expect(xml).toContain(
    '<testcase classname="inference-gap.thresholds" name="gap.minTpsRatio at one client" time="0"/>',
  )
})

test('a crossed one fails with value and bound, an undecided one is skipped', () => {
  const crossed = junit(sampleRun([0.5, 0.5]))
  expect(crossed).toContain('<failure message="measured 0.500× [0.500, 0.500], expected ≥ 4.00×"/>')
  expect(crossed).toMatch(/<testsuites .* failures="3" errors="0" skipped="0">/)
  const undecided = junit(sampleRun([2, 3, 5, 8]))
  expect(undecided).toMatch(/<skipped message="undecided: measured /)
  expect(undecided).toMatch(/<testsuites .* failures="0" errors="0" skipped="3">/)
})

test('a broken premise is an error, and its text cannot become markup', () => {
  const run = sampleRun()
  run.premises = [{ name: 'a <b> & "c"', holds: false, seen: '\u0007<script>' }]
  const xml = junit(run)
  expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;"')
  expect(xml).toContain('<error message="broken: &lt;script&gt;"/>')
})

test('a gap that regressed fails', () => {
  const now = sampleRun([2, 2, 2, 2])
  const compared = compareWithBaseline(sampleRun([5, 5, 5, 5]).verdict.gaps, now.verdict.gaps)
  expect(junit(now, compared)).toContain('<failure message="2.00 [2.00, 2.00], before 5.00 [5.00, 5.00]"/>')
})
