import { expect, test } from 'vitest'
import { type AnyKey, http, type Side, sql, workload } from '../../workload/workload.ts'
import { inScenario } from '../in-node/scenario.ts'

const database = (name: string): Side<AnyKey> =>
  sql({ name, address: `${name.toUpperCase()}_URL`, query: 'SELECT $1', parameters: (key) => [key] })
const service = (name: string): Side<AnyKey> => http({ name, address: `${name.toUpperCase()}_URL` })

const env = {
  ...{ OLD_URL: 'postgres://old/', NEW_URL: 'postgres://new/', ROWS_URL: 'postgres://rows/' },
  ...{ BLUE_URL: 'http://blue/', GREEN_URL: 'http://green/' },
}

async function given(
  sides: readonly Side<AnyKey>[],
  thresholds: object | undefined,
  more: Record<string, string> = {},
) {
  const own = workload({ name: 'own', keys: 'k', sides })
  await inScenario({ ...env, ...more }, { 'thresholds.json': JSON.stringify(thresholds ?? {}) }, 0, {
    workload: own,
    hasThresholds: thresholds !== undefined,
  })
}

/** What k6 judges of a comparison of these, beside the two that it always does. */
async function expectedOf(...all: Parameters<typeof given>) {
  await given(...all)
  const { wrong_answers, broken_premises, ...own } = (await import('./expectations.ts')).expected()
  expect([wrong_answers, broken_premises]).toEqual([['count==0'], ['count==0']])
  return own
}

test('bounds are of the number of clients that they name, and of one client where they name none', async () => {
  const thresholds = {
    old: [
      { minTps: 10, maxLatencyMs: { p50: 1 } },
      { clients: 20, minTps: 200, maxLatencyMs: { p50: 4, max: 9 }, maxFailureRate: 0.01 },
    ],
    new: { clients: 5, minTps: 50 },
  }
  expect(await expectedOf([database('old'), database('new')], thresholds, { CLIENTS: '1,5,20' })).toEqual({
    'sql_req_duration{phase:measure,side:old,clients:1}': ['med<=1'],
    'sql_req_duration{phase:measure,side:old,clients:20}': ['med<=4', 'max<=9'],
    // Of failures at every number.
    'sql_req_failed{phase:measure,side:old,clients:1}': ['rate<=0.01'],
    'sql_req_failed{phase:measure,side:old,clients:5}': ['rate<=0.01'],
    'sql_req_failed{phase:measure,side:old,clients:20}': ['rate<=0.01'],
    'tps{side:old,clients:1}': ['med>=10'],
    'tps{side:old,clients:20}': ['med>=200'],
    'tps{side:new,clients:5}': ['med>=50'],
  })
})

test('a number of clients without bounds has none', async () => {
  const thresholds = { old: { minTps: 10, maxLatencyMs: { p50: 1 } }, new: { clients: 5, minTps: 50 } }
  expect(await expectedOf([database('old'), database('new')], thresholds, { CLIENTS: '20' })).toEqual({})
})

test('a gap holds at every number of clients, each by itself', async () => {
  const gap = { minTpsRatio: 2, minLatencyRatio: { p95: 3 } }
  expect(await expectedOf([service('blue'), service('green')], { gap }, { CLIENTS: '1,20' })).toEqual({
    'gap_tps_ratio{side:blue,clients:1}': ['med>=2'],
    'gap_tps_ratio{side:blue,clients:20}': ['med>=2'],
    'gap_latency_p95_ratio{side:blue,clients:1}': ['med>=3'],
    'gap_latency_p95_ratio{side:blue,clients:20}': ['med>=3'],
  })
})

const three = [database('old'), service('blue'), database('new')]

test('with three sides a gap is that of its pair, against the last', async () => {
  const gap = {
    'old/new': { minTpsRatio: 2 },
    'blue/new': { minTpsRatio: 0.5, minLatencyRatio: { p50: 0.4, p99: 0.3 } },
  }
  expect(await expectedOf(three, { gap })).toEqual({
    'gap_tps_ratio{side:old,clients:1}': ['med>=2'],
    'gap_tps_ratio{side:blue,clients:1}': ['med>=0.5'],
    'gap_latency_p50_ratio{side:blue,clients:1}': ['med>=0.4'],
    'gap_latency_p99_ratio{side:blue,clients:1}': ['med>=0.3'],
  })
  // Two of them, the last as declared.
  expect(await expectedOf(three, { gap }, { SIDES: 'old,new' })).toEqual({
    'gap_tps_ratio{side:old,clients:1}': ['med>=2'],
  })
  expect(await expectedOf(three, { gap }, { SIDES: 'old,blue' })).toEqual({})
})

test('a gap that could be of either pair is refused', async () => {
  for (const gap of [{ minTpsRatio: 2 }, { 'new/old': { minTpsRatio: 2 } }, { 'old/blue': {} }]) {
    const [name = ''] = Object.keys(gap)
    await expect(expectedOf(three, { gap })).rejects.toThrow(`  - gap.${name} = `)
  }
})

test('each side has the metrics of its protocol', async () => {
  const bounds = { maxLatencyMs: { p99: 9 }, maxFailureRate: 0 }
  const own = await expectedOf(three, { old: bounds, blue: bounds, new: bounds })
  expect(Object.keys(own).sort()).toEqual([
    'http_req_duration{phase:measure,side:blue,clients:1}',
    'http_req_failed{phase:measure,side:blue,clients:1}',
    'sql_req_duration{phase:measure,side:new,clients:1}',
    'sql_req_duration{phase:measure,side:old,clients:1}',
    'sql_req_failed{phase:measure,side:new,clients:1}',
    'sql_req_failed{phase:measure,side:old,clients:1}',
  ])
})

test('one side alone has bounds, and no gap', async () => {
  const rows = { minTps: 100, maxFailureRate: 0 }
  expect(await expectedOf([database('rows')], { rows })).toEqual({
    'sql_req_failed{phase:measure,side:rows,clients:1}': ['rate<=0'],
    'tps{side:rows,clients:1}': ['med>=100'],
  })
  await expect(expectedOf([database('rows')], { rows, gap: { minTpsRatio: 1 } })).rejects.toThrow(
    'gap = {"minTpsRatio":1}: no such key',
  )
})

test('a workload without thresholds expects sound answers, and reads a file that it is given', async () => {
  expect(await expectedOf([database('rows')], undefined, { THRESHOLDS_FILE: '' })).toEqual({})
  await inScenario({ ...env, THRESHOLDS_FILE: 'mine.json' }, { 'mine.json': '{"rows":{"minTps":7}}' }, 0, {
    workload: workload({ name: 'own', keys: 'k', sides: [database('rows')] }),
    hasThresholds: false,
  })
  const { single } = await import('./single.ts')
  expect(single('rows').options.thresholds).toMatchObject({ sql_reqs: ['rate>=7'] })
})

test('a scenario of one of three is asked and judged by itself', async () => {
  const thresholds = {
    blue: [{ minTps: 10 }, { clients: 4, minTps: 30, maxLatencyMs: { mean: 2 }, maxFailureRate: 0.5 }],
    gap: { 'blue/new': { minTpsRatio: 2 } },
  }
  await given(three, thresholds, { CLIENTS: '4' })
  const { single } = await import('./single.ts')
  expect(single('blue').options.thresholds).toEqual({
    http_req_duration: ['avg<=2'],
    http_req_failed: ['rate<=0.5'],
    http_reqs: ['rate>=30'],
    wrong_answers: ['count==0'],
  })
  expect(single('new').options.thresholds).toEqual({ wrong_answers: ['count==0'] })
})
