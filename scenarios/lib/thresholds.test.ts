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
const ofPostgres = {
  'sql_req_duration{phase:measure,side:postgres,clients:1}': [
    ...['avg<=1', 'med<=2', 'p(95)<=3', 'p(99)<=4', 'max<=5'],
  ],
  'sql_req_failed{phase:measure,side:postgres,clients:1}': ['rate<=0'],
}
const ofPython = {
  'http_req_duration{phase:measure,side:python,clients:1}': ['p(95)<=30'],
  'http_req_failed{phase:measure,side:python,clients:1}': ['rate<=0.01'],
}
const ofLatency = {
  'gap_latency_p50_ratio{side:postgres,clients:1}': ['med>=2'],
  'gap_latency_p95_ratio{side:postgres,clients:1}': ['med>=3'],
  'gap_latency_p99_ratio{side:postgres,clients:1}': ['med>=4'],
}
const rateOfPostgres = { 'tps{side:postgres,clients:1}': ['med>=900'] }
const rateOfPython = { 'tps{side:python,clients:1}': ['med>=100'] }

test('the comparison has all of them', async () => {
  expect(await expectedOf({})).toEqual({
    ...always,
    ...ofPostgres,
    ...ofPython,
    ...ofLatency,
    ...rateOfPostgres,
    ...rateOfPython,
    'gap_tps_ratio{side:postgres,clients:1}': ['med>=5'],
  })
})

test('in the open model the rate is what was offered', async () => {
  // Bounds are of one client, and the open model has no such number: of its clients only failures and gaps are bounded.
  const open = (of: object) =>
    Object.fromEntries(
      Object.entries(of).map(([name, bounds]) => [name.replace('clients:1', 'clients:7'), bounds]),
    )
  const { 'sql_req_failed{phase:measure,side:postgres,clients:1}': one } = ofPostgres
  const { 'http_req_failed{phase:measure,side:python,clients:1}': other } = ofPython
  expect(await expectedOf({ RATE: '10', MAX_CLIENTS: '7' })).toEqual({
    ...always,
    ...open(ofLatency),
    'sql_req_failed{phase:measure,side:postgres,clients:7}': one,
    'http_req_failed{phase:measure,side:python,clients:7}': other,
  })
  expect(await expectedOf({ RATE: '10', MAX_CLIENTS: '1' })).toEqual({
    ...{ ...always, ...ofPostgres, ...ofPython, ...ofLatency },
  })
})

// Of a side as it is declared its own bounds hold whatever it is compared with; nobody has said what to expect of another mode, of a
// side against itself, or of a gap the other way round.
test.each<[string, object]>([
  ['python,postgres', { ...ofPostgres, ...rateOfPostgres, ...ofPython, ...rateOfPython }],
  ['postgres', { ...ofPostgres, ...rateOfPostgres }],
  ['python,python', { ...ofPython, ...rateOfPython }],
  ['postgres:extended,python', { ...ofPython, ...rateOfPython }],
  ['postgres:fast,postgres:extended', {}],
  ['postgres:1,python:1', {}],
])('of %s no gap is expected', async (list, own) => {
  const others = { POSTGRES_URL_1: 'postgres://other/', PYTHON_URL_1: 'http://other/' }
  expect(await expectedOf({ SIDES: list, ...others })).toEqual({ ...always, ...own })
})

test('what is asked beside the sides has no bounds', async () => {
  expect(await expectedOf({ BESIDE: 'postgres:fast,python:store,postgres' })).toEqual(await expectedOf({}))
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
] as const)('%s alone is asked by so many users for so long, and k6 judges it', async (name, expected) => {
  // Bounds that name no number are of one client.
  const ofThree = {
    postgres: { ...thresholds.postgres, clients: 3 },
    python: [
      { maxFailureRate: 0.5, minTps: 1e6 },
      { ...thresholds.python, clients: 3 },
    ],
  }
  const world = await inScenario(
    { CLIENTS: '3', DURATION: '7' },
    { 'thresholds.json': JSON.stringify(ofThree) },
  )
  const { single } = await import('./single.ts')
  const { options, iteration } = single(name)
  expect(options.scenarios).toEqual({
    [`${name}-predict`]: { executor: 'constant-vus', vus: 3, duration: '7s', gracefulStop: '5s' },
  })
  expect(options.thresholds).toEqual(expected)
  expect(options.summaryTrendStats).toEqual(['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'])
  world.answer = (to) => ({ ms: 2, value: to.startsWith('http') ? [1] : 1 })
  expect(world.opened).toHaveLength(0)
  for (let turn = 0; turn < 5; turn++) iteration()
  expect(world.opened).toHaveLength(1)
  expect(world.series.get(JSON.stringify([name, 'all']))?.ok).toEqual([2, 2, 2, 2, 2])
})

test('at a number of clients that has no bounds only failures are judged', async () => {
  await inScenario({ CLIENTS: '3' }, { 'thresholds.json': JSON.stringify(thresholds) })
  const { single } = await import('./single.ts')
  expect(single('postgres').options.thresholds).toEqual({
    ...{ sql_req_failed: ['rate<=0'], wrong_answers: ['count==0'] },
  })
  expect(single('postgres-constant').options.thresholds).toEqual({ wrong_answers: ['count==0'] })
})

test('without a word it is one user for ten seconds', async () => {
  await inScenario({}, { 'thresholds.json': JSON.stringify(thresholds) })
  const { single } = await import('./single.ts')
  expect(single('python').options.scenarios?.['python-predict']).toMatchObject({ vus: 1, duration: '10s' })
})

type Change = (given: typeof thresholds & Record<string, unknown>) => unknown
const without = (holder: object, name: string) => Reflect.deleteProperty(holder, name)

/** k6 would take a bound under a name that nobody looks for for one that always holds. */
test.each<[string, Change]>([
  ['gap = null: expected an object of bounds: minLatencyRatio, minT', (t) => Object.assign(t, { gap: null })],
  ['gap = []: expected an object of bounds: minLatencyRatio, minT', (t) => Object.assign(t, { gap: [] })],
  ['gap = 3: expected an object of bounds: minLatencyRatio, minT', (t) => Object.assign(t, { gap: 3 })],
  ['python = null: expected an object of bounds: clients, maxL', (t) => Object.assign(t, { python: null })],
  [
    'python.maxLatencyMs = 3: expected an object of bounds: mean, p50, p95, p99, max',
    (t) => Object.assign(t.python, { maxLatencyMs: 3 }),
  ],
  [
    'gap.minTpsRatio = "5": expected a number of at least 0',
    (t) => Object.assign(t.gap, { minTpsRatio: '5' }),
  ],
  ['gap.minTpsRatio = -1: expected a number of at least 0', (t) => Object.assign(t.gap, { minTpsRatio: -1 })],
  [
    'python.maxFailureRate = null: expected a number',
    (t) => Object.assign(t.python, { maxFailureRate: null }),
  ],
  ['gap.minTpsRatoi = 3: no such key', (t) => Object.assign(t.gap, { minTpsRatoi: 3 })],
  ['capacity.more = 1: no such key', (t) => Object.assign(t, { capacity: { more: 1 } })],
  [
    'capacity.postgres.minRate = "9": expected a number of at least 0',
    (t) => Object.assign(t, { capacity: { postgres: { minRate: '9' } } }),
  ],
  ['gap.toString = 3: no such key', (t) => Object.assign(t.gap, { toString: 3 })],
  ['python.maxLatencyMs.p999 = 3: no such key', (t) => Object.assign(t.python.maxLatencyMs, { p999: 3 })],
  ['gap.minLatencyRatio.mean = 3: no such key', (t) => Object.assign(t.gap.minLatencyRatio, { mean: 3 })],
  ['more = 1: no such key', (t) => Object.assign(t, { more: 1 })],
  ['postgres-fast = {}: no such key', (t) => Object.assign(t, { 'postgres-fast': {} })],
  [
    'postgres[1].minTsp = 3: no such key',
    (t) => Object.assign(t, { postgres: [t.postgres, { clients: 5, minTsp: 3 }] }),
  ],
  ['gap.python/postgres = {}: no such key', (t) => Object.assign(t, { gap: { 'python/postgres': {} } })],
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
  [
    'capacities',
    (t) => Object.assign(t, { capacity: { postgres: { minRate: 9 }, minRatio: { 'postgres/python': 2 } } }),
  ],
  ['a schema', (t) => Object.assign(t, { $schema: 'thresholds.schema.json' })],
  ['no bound of a rate', (t) => without(t.postgres, 'minTps')],
  ['no bounds of a side', (t) => without(t, 'python')],
  ['no gap', (t) => without(t, 'gap')],
  ['a list for several numbers of clients', (t) => Object.assign(t, { python: [{}, { clients: 5 }] })],
  ['the gap by its pair', (t) => Object.assign(t, { gap: { 'postgres/python': { minTpsRatio: 3 } } })],
])('%s is allowed', async (_, change) => {
  const changed = structuredClone(thresholds)
  change(changed)
  await inScenario({}, { 'thresholds.json': JSON.stringify(changed) })
  expect((await import('./thresholds.ts')).readThresholds()).toEqual(changed)
})

test('a file that is no object, and one that is no JSON', async () => {
  for (const [text, expected] of [
    ['[]', "(the whole file) = []: expected an object of the sides' bounds"],
    ['7', "(the whole file) = 7: expected an object of the sides' bounds"],
    ['{', 'THRESHOLDS_FILE: thresholds.json: is not JSON'],
  ] as const) {
    await inScenario({}, { 'thresholds.json': text })
    expect((await import('./thresholds.ts')).readThresholds).toThrow(expected)
  }
})
