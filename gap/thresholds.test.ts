import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
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
  ['$schema = 3: ', (t) => Object.assign(t, { $schema: 3 })],
  ['gap = null: ', (t) => Object.assign(t, { gap: null })],
  ['postgres.maxLatencyMs.p999 = 4: no such key', (t) => Object.assign(t.postgres.maxLatencyMs, { p999: 4 })],
  ['postgres.more = 1: no such key', (t) => Object.assign(t.postgres, { more: 1 })],
  ['gap.minLatencyRatio.max = 1: no such key', (t) => Object.assign(t.gap.minLatencyRatio, { max: 1 })],
  ['gap.minLatencyRatio.p95 is missing', (t) => Reflect.deleteProperty(t.gap.minLatencyRatio, 'p95')],
  ['gap.minLatencyRatio.p99 = -3: ', (t) => Object.assign(t.gap.minLatencyRatio, { p99: -3 })],
  ['python.maxFailureRate = -0.1: ', (t) => Object.assign(t.python, { maxFailureRate: -0.1 })],
  ['python.maxLatencyMs.mean = 0: ', (t) => Object.assign(t.python.maxLatencyMs, { mean: 0 })],
  [
    'python.maxLatencyMs.max = 3: must be at least that of p99 (4): no distribution has a max below its p99',
    (t) => Object.assign(t.python.maxLatencyMs, { p99: 4, max: 3 }),
  ],
  [
    'python.maxLatencyMs.max = 3: must be at least that of p50 (4)',
    (t) => Object.assign(t.python.maxLatencyMs, { p50: 4, max: 3 }),
  ],
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

test('equal bounds for two percentiles are no contradiction, and the mean may be anywhere', () => {
  expect(
    complaint((t) => Object.assign(t.python.maxLatencyMs, { mean: 9, p50: 2, p95: 2, p99: 2, max: 2 })),
  ).toBe('accepted')
  expect(complaint((t) => Object.assign(t.python, { maxFailureRate: 1 }))).toBe('accepted')
})

test('a file that does not fit, and one too large to be one, tell whom to ask and how to go on', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'thresholds '))
  try {
    const file = path.join(folder, 'thresholds.json')
    const complaint = (error: unknown) => (error as BadInput).text
    await writeFile(file, JSON.stringify({ ...good, gap: null }))
    const said = await readThresholds(file).catch(complaint)
    expect(said).toContain('gap = null')
    expect(said).toContain('--thresholds')
    await writeFile(file, `${JSON.stringify(good)}${' '.repeat(1e6)}`)
    expect(await readThresholds(file).catch(complaint)).toContain('expected at most 1 MB')
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an editor that follows $schema can say what each bound means', () => {
  const leaves = (schema: Record<string, unknown>, path: string): [string, unknown][] => {
    const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>
    if (schema.description !== undefined || Object.keys(properties).length === 0)
      return [[path, schema.description]]
    return Object.entries(properties).flatMap(([name, each]) => leaves(each, `${path}.${name}`))
  }
  const described = leaves(z.toJSONSchema(thresholdsSchema) as Record<string, unknown>, '').filter(
    ([path]) => path !== '.$schema',
  )
  expect(described).toHaveLength(9)
  for (const [path, description] of described)
    expect(description, path).toMatch(/^(most|fewest|least) .{10,}/)
})
