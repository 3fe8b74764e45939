import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { thresholdsFile } from '../build/paths.ts'
import { fitted } from '../build/user-file.ts'
import { readThresholds, thresholdsSchema } from './thresholds.ts'

const good = {
  postgres: { maxLatencyMs: { p50: 1, p95: 2 }, minTps: 1, maxFailureRate: 0 },
  python: { maxLatencyMs: {}, minTps: 1, maxFailureRate: 0 },
  gap: { minLatencyRatio: { p50: 1, p95: 1 }, minTpsRatio: 1, minTrainingMemoryRatio: 1 },
}

function complaint(change: (thresholds: typeof good & Record<string, unknown>) => void): string {
  const changed = structuredClone(good)
  change(changed)
  try {
    fitted(thresholdsSchema, changed, { file: 'thresholds.json', most: 0, hint: 'x' })
  } catch (error) {
    expect(error).toBeInstanceOf(BadInput)
    return (error as BadInput).text
  }
  return 'accepted'
}

test("the project's own file fits", async () => {
  expect(await readThresholds(thresholdsFile)).toEqual(JSON.parse(await readFile(thresholdsFile, 'utf8')))
})

test('a file that fits is accepted', () => {
  expect(complaint(() => {})).toBe('accepted')
})

test.each<[string, Parameters<typeof complaint>[0]]>([
  ['gap.minTpsRatoi = 3: no such key', (t) => Object.assign(t.gap, { minTpsRatoi: 3 })],
  ['more = 1: no such key', (t) => Object.assign(t, { more: 1 })],
  ['postgres.minTps = "fast": ', (t) => Object.assign(t.postgres, { minTps: 'fast' })],
  ['postgres.minTps = -1: ', (t) => Object.assign(t.postgres, { minTps: -1 })],
  ['python.maxFailureRate = 2: ', (t) => Object.assign(t.python, { maxFailureRate: 2 })],
  ['gap.minLatencyRatio.p50 = 0: ', (t) => Object.assign(t.gap.minLatencyRatio, { p50: 0 })],
  ['gap.minTpsRatio is missing', (t) => Reflect.deleteProperty(t.gap, 'minTpsRatio')],
  ['python is missing', (t) => Reflect.deleteProperty(t, 'python')],
  [
    'postgres.maxLatencyMs.p95 = 0.5: must be at least that of p50 (1)',
    (t) => Object.assign(t.postgres.maxLatencyMs, { p95: 0.5 }),
  ],
])('%s', (expected, change) => {
  const said = complaint(change)
  expect(said).toContain(expected)
  expect(said).toContain('thresholds.json')
})

test('a file that is not there', async () => {
  await expect(readThresholds('/no/such/file.json')).rejects.toThrow('/no/such/file.json cannot be read')
})
