import { expect, test } from 'vitest'
import { inScenario } from '../in-node/scenario.ts'

const thresholds = {
  postgres: { maxLatencyMs: { mean: 1, p50: 2, p95: 3, p99: 4, max: 5 }, minTps: 900, maxFailureRate: 0 },
  python: { maxLatencyMs: { p95: 30 }, minTps: 100, maxFailureRate: 0.01 },
  gap: { minLatencyRatio: { p50: 2, p95: 3, p99: 4 }, minTpsRatio: 5, minTrainingMemoryRatio: 1 },
}

async function expectedOf(env: Record<string, string>) {
  await inScenario(env, { 'thresholds.json': JSON.stringify(thresholds) })
  return (await import('./expectations.ts')).expected()
}

const always = { wrong_answers: ['count==0'], broken_premises: ['count==0'] }

// In the words of k6's own documentation of thresholds and its summary's statistics.
const ofTargets = {
  'sql_req_duration{phase:measure}': ['avg<=1', 'med<=2', 'p(95)<=3', 'p(99)<=4', 'max<=5'],
  'sql_req_failed{phase:measure}': ['rate<=0'],
  'http_req_duration{phase:measure}': ['p(95)<=30'],
  'http_req_failed{phase:measure}': ['rate<=0.01'],
}
const ofLatency = {
  gap_latency_p50_ratio: ['med>=2'],
  gap_latency_p95_ratio: ['med>=3'],
  gap_latency_p99_ratio: ['med>=4'],
}

test('the comparison has all of them', async () => {
  expect(await expectedOf({})).toEqual({
    ...always,
    ...ofTargets,
    ...ofLatency,
    'tps{target:postgres}': ['med>=900'],
    'tps{target:python}': ['med>=100'],
    gap_tps_ratio: ['med>=5'],
  })
})

test('in the open model the rate is what was offered', async () => {
  expect(await expectedOf({ RATE: '10' })).toEqual({ ...always, ...ofTargets, ...ofLatency })
})

test.each([
  'python,postgres',
  'postgres',
  'python,python',
  'postgres:extended,python',
])('%s is another comparison, of which nothing is expected but sound answers', async (list) => {
  expect(await expectedOf({ SIDES: list })).toEqual(always)
})

test.each([
  [
    'postgres',
    {
      sql_req_duration: ['avg<=1', 'med<=2', 'p(95)<=3', 'p(99)<=4', 'max<=5'],
      sql_req_failed: ['rate<=0'],
      sql_reqs: ['rate>=900'],
      wrong_answers: ['count==0'],
    },
  ],
  [
    'python',
    {
      http_req_duration: ['p(95)<=30'],
      http_req_failed: ['rate<=0.01'],
      http_reqs: ['rate>=100'],
      wrong_answers: ['count==0'],
    },
  ],
] as const)('%s alone is asked by so many users for so long, and k6 judges it', async (target, expected) => {
  const world = await inScenario(
    { CLIENTS: '3', DURATION: '7' },
    { 'thresholds.json': JSON.stringify(thresholds) },
  )
  const { singleIteration, singleOptions } = await import('./single.ts')
  const { scenarios, thresholds: own, summaryTrendStats } = singleOptions(target)
  expect(scenarios).toEqual({
    [`${target}-predict`]: { executor: 'constant-vus', vus: 3, duration: '7s', gracefulStop: '5s' },
  })
  expect(own).toEqual(expected)
  expect(summaryTrendStats).toEqual(['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'])
  world.answer = (to) => ({ ms: 2, value: to.startsWith('http') ? [1] : 1 })
  const iterate = singleIteration(target)
  expect(world.opened).toHaveLength(0)
  for (let turn = 0; turn < 5; turn++) iterate()
  expect(world.opened).toHaveLength(1)
  expect(world.series.get(JSON.stringify([target, 'all']))?.ok).toEqual([2, 2, 2, 2, 2])
})

test('without a word it is one user for ten seconds', async () => {
  await inScenario({}, { 'thresholds.json': JSON.stringify(thresholds) })
  const { singleOptions } = await import('./single.ts')
  expect(singleOptions('python').scenarios?.['python-predict']).toMatchObject({ vus: 1, duration: '10s' })
})

type Change = (given: typeof thresholds & Record<string, unknown>) => unknown
const without = (holder: object, name: string) => Reflect.deleteProperty(holder, name)

/** k6 would take a bound that is missing for one that always holds. */
test.each<[string, Change]>([
  ['postgres.minTps is missing: expected a number of at least 0', (t) => without(t.postgres, 'minTps')],
  ['python.maxFailureRate is missing: expected a number', (t) => without(t.python, 'maxFailureRate')],
  ['gap.minLatencyRatio.p50 is missing: expected a number', (t) => without(t.gap.minLatencyRatio, 'p50')],
  ['gap.minLatencyRatio.p95 is missing: expected a number', (t) => without(t.gap.minLatencyRatio, 'p95')],
  ['gap.minTpsRatio is missing: expected a number', (t) => without(t.gap, 'minTpsRatio')],
  ['gap.minTrainingMemoryRatio is missing: expected a n', (t) => without(t.gap, 'minTrainingMemoryRatio')],
  [
    'python is missing: expected an object of maxLatencyMs, minTps, maxFailureRate',
    (t) => without(t, 'python'),
  ],
  ['gap = null: expected an object of minLatencyRatio, minT', (t) => Object.assign(t, { gap: null })],
  ['gap = []: expected an object of minLatencyRatio, minT', (t) => Object.assign(t, { gap: [] })],
  ['gap = 3: expected an object of minLatencyRatio, minT', (t) => Object.assign(t, { gap: 3 })],
  [
    'gap.minTpsRatio = "5": expected a number of at least 0',
    (t) => Object.assign(t.gap, { minTpsRatio: '5' }),
  ],
  ['gap.minTpsRatio = -1: expected a number of at least 0', (t) => Object.assign(t.gap, { minTpsRatio: -1 })],
  ['gap.minTpsRatoi = 3: no such key', (t) => Object.assign(t.gap, { minTpsRatoi: 3 })],
  ['python.maxLatencyMs.p999 = 3: no such key', (t) => Object.assign(t.python.maxLatencyMs, { p999: 3 })],
  ['more = 1: no such key', (t) => Object.assign(t, { more: 1 })],
])('%s: k6 ends before it starts', async (expected, change) => {
  const changed = structuredClone(thresholds)
  change(changed)
  await inScenario({}, { 'thresholds.json': JSON.stringify(changed) })
  const { readThresholds } = await import('./thresholds.ts')
  expect(readThresholds).toThrow('THRESHOLDS_FILE: thresholds.json does not fit:\n')
  expect(readThresholds).toThrow(`  - ${expected}`)
})

test.each<[string, Change]>([
  ['a bound of 0', (t) => Object.assign(t.gap, { minTpsRatio: 0 })],
  ['no bound of any latency', (t) => Object.assign(t.python, { maxLatencyMs: {} })],
  ['no bound of the 99th percentile', (t) => without(t.gap.minLatencyRatio, 'p99')],
  ['a schema', (t) => Object.assign(t, { $schema: 'thresholds.schema.json' })],
])('%s is allowed', async (_, change) => {
  const changed = structuredClone(thresholds)
  change(changed)
  await inScenario({}, { 'thresholds.json': JSON.stringify(changed) })
  const { $schema: _schema, ...rest } = changed as typeof thresholds & { $schema?: string }
  expect((await import('./thresholds.ts')).readThresholds()).toEqual(rest)
})

test('a file that names no thresholds at all, and one that is no JSON', async () => {
  for (const [text, expected] of [
    ['[]', 'postgres is missing'],
    ['{', 'THRESHOLDS_FILE: thresholds.json: is not JSON'],
  ] as const) {
    await inScenario({}, { 'thresholds.json': text })
    expect((await import('./thresholds.ts')).readThresholds).toThrow(expected)
  }
})
