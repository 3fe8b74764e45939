import { expect, test } from 'vitest'
import { sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { capacityMarkdown } from './markdown.ts'

test('the sentence first, then each side and the ratio', () => {
  const text = capacityMarkdown(sampleCapacityRun())
  expect(text).toMatch(/^## Capacity\n\n\*\*postgres holds p99&lt;10ms up to 4,120 requests a second/)
  expect(text).toContain('| postgres | p99&lt;10ms | 4,120 \\[4,010, 4,230\\] | 4,010 | 4,847 |')
  expect(text).toContain('| postgres ÷ python | 4.10× \\[3.90, 4.30\\] |')
  expect(text).toContain('| `capacity.minRatio` | 4.10× \\[3.90, 4.30\\] | ≥ 3.00× | ✅ holds |')
  expect(text).toContain('| postgres | 4,532 | ❌ crossed | p99&lt;10ms: 97 % \\[96.8, 97.2\\] |')
})

test('what is no capacity has no figure', () => {
  const text = capacityMarkdown(unreachedCapacityRun())
  expect(text).toContain('| at least 4,010 | – | 4,847 | at least 4,010, client-limited |')
  expect(text).toContain('| none | – | 1,182 | no rate confirmed |')
  expect(text).not.toContain('1,005 \\[')
  expect(text).not.toContain('÷')
})

test('a broken premise stands out, and text of targets cannot become markup', () => {
  const run = sampleCapacityRun()
  run.premises = [{ name: 'keep-alive', holds: false, seen: '<img src=x>' }]
  run.targets.python = 'two\n| lines'
  const text = capacityMarkdown(run)
  expect(text).toContain('> ❌ A premise is broken, so the figures mean nothing: keep-alive: &lt;img src=x>')
  expect(text).toContain('| python | two \\| lines |')
})
