import { expect, test } from 'vitest'
import { aaReport, aaSeriesReport } from './aa.ts'
import { baselineReport } from './baseline.ts'
import { checkReport } from './check.ts'
import type { ConnectionsRun } from './connections/run.ts'
import { connectionsTerminal } from './connections/terminal.ts'
import { crosscheckReport } from './crosscheck.ts'
import { columnsOf } from './fixture.ts'
import { hostsTable } from './hosts.ts'
import { modesReport } from './modes.ts'
import { reproductionReport } from './reproduce.ts'
import { figure, table, times } from './table.ts'
import { workersReport } from './workers.ts'

const ratio = (median: number, low: number, high: number) => ({ median, low, high, pairs: 6 })

test('columns have two spaces between them, the first is to the left and figures are to the right', () => {
  const text = table(
    ['side', 'p50'],
    [
      ['postgres', '1.00'],
      ['x', '10.0'],
    ],
  )
  expect(text.split('\n').map((line) => line.trimEnd())).toEqual([
    '  side       p50',
    '  postgres  1.00',
    '  x         10.0',
  ])
})

test('figures have three digits or more, whichever side of nothing they are on', () => {
  expect([100, 99.5, 10, 9.5, 1, 0.9996, -100, -10, -1, 0, 1234.5].map(figure)).toEqual([
    ...['100', '99.5', '10.0', '9.50', '1.00', '1.000', '-100', '-10.0', '-1.00', '0.000', '1,235'],
  ])
  expect([Number.POSITIVE_INFINITY, Number.NaN].map(figure)).toEqual(['-', '-'])
  expect(times(2)).toBe('2.00×')
})

test('a side against itself', () => {
  const row = { clients: 4, ratio: ratio(1.01, 0.98, 1.04) }
  const text = aaReport('python', 12, [
    { ...row, figure: 'TPS', holds: true, halfWidth: 0.03 },
    { ...row, figure: 'p99', ratio: ratio(1.2, 1.1, 1.3), holds: false, halfWidth: 0.1 },
  ])
  expect(columnsOf(text)).toEqual([
    'A/A: python against itself | (median of 12 pairs [95 % interval])',
    'clients | ratio | half-width | 1.00 inside',
    'TPS | 4 | 1.01× [0.980, 1.04] | 3.0 % | ✓ yes',
    'p99 | 4 | 1.20× [1.10, 1.30] | 10.0 % | ✗ no',
  ])
})

test('a side against itself again and again: each figure, and of throughput each run', () => {
  const runs = [ratio(1.01, 0.98, 1.04), ratio(1.1, 1.05, 1.15)]
  const text = aaSeriesReport('python', [
    { figure: 'TPS', clients: 1, runs, held: 1, enough: false, halfWidth: 0.04 },
    {
      figure: 'p50',
      clients: 4,
      runs: [ratio(2, 1, 3), ratio(2, 1, 3)],
      held: 2,
      enough: true,
      halfWidth: 0.025,
    },
  ])
  expect(columnsOf(text)).toEqual([
    'A/A: 2 runs of python against itself',
    'clients | 1.00 inside | median half-width',
    'TPS | 1 | 1 of 2 ✗ | 4.0 %',
    'p50 | 4 | 2 of 2 ✓ | 2.5 %',
    'run | TPS, clients: 1',
    '1 | 1.01× [0.980, 1.04]',
    '2 | 1.10× [1.05, 1.15]',
  ])
  expect(columnsOf(aaSeriesReport('python', []))[0]).toBe('A/A: 0 runs of python against itself')
})

test('a run against an earlier one, and what may have moved with it', () => {
  const compared = (['regressed', 'improved', 'within noise'] as const).map((change, at) => ({
    ...{ key: 'postgres', figure: 'tps' as const, clients: at + 1, change },
    ...{ before: ratio(5, 4.5, 5.5), now: ratio(2, 1.5, 2.5) },
  }))
  const rows = [
    'Against the baseline | (a change is told only where the intervals do not touch)',
    'gap | clients | before | now',
    'tps postgres | 1 | 5.00× [4.50, 5.50] | 2.00× [1.50, 2.50] | ✗ regressed',
    'tps postgres | 2 | 5.00× [4.50, 5.50] | 2.00× [1.50, 2.50] | ✓ improved',
    'tps postgres | 3 | 5.00× [4.50, 5.50] | 2.00× [1.50, 2.50] | within noise',
  ]
  expect(columnsOf(baselineReport(compared, []))).toEqual(rows)
  const moved = [
    { key: 'postgres', clients: 1, beforeMs: 0.026, nowMs: 0.034 },
    { key: 'python', clients: 4, beforeMs: 1, nowMs: 2 },
  ]
  expect(columnsOf(baselineReport(compared, moved))).toEqual([
    ...rows,
    '! The machine or the client is not as it was, and a gap may have moved with it. Time of a null operation, which no side can change: postgres at one client 0.026 ms before, 0.034 ms now; python at 4 clients 1.00 ms before, 2.00 ms now.',
  ])
})

test('what was checked: questions and answers on one line each, what differs, and what belongs beside it', () => {
  const long = 'x'.repeat(41)
  const text = checkReport({
    workload: 'churn',
    keys: 12_345,
    sides: [
      {
        ...{ name: 'database', protocol: 'sql', address: 'postgres://h/db', kept: 'a connection' },
        replies: [
          { question: 'SELECT\n  1', answer: long, ms: 1.234 },
          { question: 'x'.repeat(40), answer: 'yes', ms: 12 },
        ],
      },
    ],
    compared: [
      { text: 'a and b agree', holds: true },
      { text: 'a and c differ', holds: false, different: ['  key 1: a 1, c 2'] },
    ],
    remarks: ['no null operation'],
  })
  expect(columnsOf(text)).toEqual([
    'churn | (12,345 keys)',
    'database | (sql, postgres://h/db; a connection)',
    'question | answer | ms',
    `SELECT 1 | ${'x'.repeat(39)}… | 1.23`,
    `${'x'.repeat(40)} | yes | 12.0`,
    '✓ a and b agree',
    '✗ a and c differ',
    'key 1: a 1, c 2',
    '! no null operation',
  ])
})

test('first answers of new connections, also where there were none', () => {
  const answer = (p50Ms: number) => ({ p50Ms, maxMs: 2 * p50Ms })
  const rows = [
    {
      ...{ key: 'postgres', clients: 20, failed: 0, firstToSecond: ratio(4, 3.5, 4.5) },
      answers: { first: answer(8), second: answer(2) },
    },
    { key: 'python', clients: 20, answers: { first: undefined, second: undefined }, failed: 60 },
  ]
  const text = connectionsTerminal({ rows, found: { rounds: 3 } } as unknown as ConnectionsRun)
  expect(columnsOf(text)).toEqual([
    'New connections | (all clients at once; ms of half of them, from before one is opened; 3 rounds)',
    'side | clients | first | longest | second | first ÷ second [95 %] | failed',
    'postgres | 20 | 8.00 | 16.0 | 2.00 | 4.00× [3.50, 4.50] | 0',
    'python | 20 | - | - | - | - | 60',
  ])
})

test('other clients beside k6, and the gap that either finds', () => {
  const sides = (own: number, k6: number) => ({ own, k6, share: ratio(k6 / own, 0.9, 1.1) })
  const rows = [
    {
      ...{ clients: 1, sides: { database: sides(1000, 950), service: sides(200, 210) } },
      ...{ gapByOwnClients: ratio(5, 4.5, 5.5), gapByK6: ratio(4.52, 4.4, 4.6) },
    },
    { clients: 20, sides: { database: sides(4000, 3000) } },
  ] as unknown as Parameters<typeof crosscheckReport>[0]['rows']
  const clients = { database: 'pgbench', service: 'autocannon' }
  const report = (rounds: number) =>
    crosscheckReport({ rows, clients, modes: { database: 'prepared' }, rounds })
  expect(columnsOf(report(3))).toEqual([
    'database | (TPS, query mode prepared; median of 3 rounds)',
    'clients | pgbench | k6 | k6 ÷ pgbench',
    '1 | 1,000 | 950 | 0.950× [0.900, 1.10]',
    '20 | 4,000 | 3,000 | 0.750× [0.900, 1.10]',
    'service | (TPS, median of 3 rounds)',
    'clients | autocannon | k6 | k6 ÷ autocannon',
    '1 | 200 | 210 | 1.05× [0.900, 1.10]',
    'Gap | (TPS, database ÷ service)',
    'clients | by pgbench and autocannon | by k6',
    '1 | 5.00× [4.50, 5.50] | 4.52× [4.40, 4.60]',
    '20',
  ])
  expect(columnsOf(report(1))[0]).toBe('database | (TPS, query mode prepared; median of 1 round)')
  const three = { rows, clients: { ...clients, third: 'ab' }, modes: {}, rounds: 2 }
  expect(columnsOf(crosscheckReport(three))).toContain('Gap | (TPS, database ÷ third)')
  // Of one side there is no gap.
  const one = crosscheckReport({ rows, clients: { service: 'autocannon' }, modes: {}, rounds: 2 })
  expect(columnsOf(one).at(-1)).toBe('1 | 200 | 210 | 1.05× [0.900, 1.10]')
})

test('hosts of a side', () => {
  const row = { key: 'api', clients: 4, failures: 2, p50Ms: 1.5, p99Ms: 12.25 }
  expect(
    columnsOf(
      hostsTable([
        { ...row, host: 'one', answers: 1500, share: 0.75 },
        { ...row, host: 'two', answers: 0, share: 0.25, p50Ms: Number.NaN, p99Ms: Number.NaN },
      ]),
    ),
  ).toEqual([
    'side | host | clients | answers | share | p50 ms | p99 ms | failed',
    'api | one | 4 | 1,500 | 75.0 % | 1.50 | 12.3 | 2',
    'api | two | 4 | 0 | 25.0 % | - | - | 2',
  ])
})

test('query modes side by side, each against the last', () => {
  const figures = (key: string, tps: number) => ({
    ...{ key, clients: 1, tps, failures: 0 },
    latencyMs: { mean: 1, p50: 0.9, p95: 1.5, p99: 2, max: 3 },
  })
  const report = modesReport({
    figures: [figures('simple', 500), figures('prepared', 1000)],
    gaps: [
      { key: 'simple', clients: 4, tps: ratio(9, 8, 10) },
      { key: 'simple', clients: 1, tps: ratio(0.5, 0.45, 0.55) },
    ],
    ...{ last: 'prepared', pairs: 6, sessions: 2 },
  } as unknown as Parameters<typeof modesReport>[0])
  expect(columnsOf(report)).toEqual([
    "Query modes | (latency in ms; gap: TPS ÷ prepared's, median of 6 pairs in 2 sessions)",
    'clients | TPS | mean | p50 | p99 | gap [95 %]',
    'simple | 1 | 500 | 1.00 | 0.900 | 2.00 | 0.500× [0.450, 0.550]',
    'prepared | 1 | 1,000 | 1.00 | 0.900 | 2.00',
    'simple: one text, parsed and planned each time',
    'extended: parsed and planned each time, parameters apart',
    'prepared: parsed once a connection',
  ])
})

test('the published experiment beside ours, and the gap of each way to ask with each', () => {
  const way = { meanMs: 1, tps: 1000, failures: 0 }
  const lines = columnsOf(
    reproductionReport({
      ...{ calls: 1000, rounds: 3, httpClient: 'requests 2.32' },
      postgres: [{ ...way, name: 'in one statement' }],
      python: [
        { ...way, name: 'kept', tps: 250, meanMs: 4, failures: 2, keptAlive: 0.999, p99Ms: 9, maxMs: 120 },
      ],
    }),
  )
  expect(lines[0]).toBe('One client | (1,000 calls for one fixed key; median of 3 rounds)')
  expect(lines[1]).toBe('mean ms | p99 ms | max ms | TPS | kept alive | failed')
  // As ApacheBench printed it.
  expect(lines).toContain('published: ab -k | 1.16 | 2.00 | 19.0 | 859 | 0 % | 0')
  expect(lines).toContain('in one statement | 1.00 | 1,000 | 0')
  expect(lines).toContain('kept | 4.00 | 9.00 | 120 | 250 | 100 % | 2')
  expect(lines.slice(-5)).toEqual([
    'The service is asked by requests 2.32.',
    'Gap | (TPS, postgres ÷ python)',
    'gap',
    // 5926.5 ÷ 859.09
    'published | 6.90×',
    'in one statement : kept | 4.00×',
  ])
})

test('settings of workers, a table for each number of clients', () => {
  const row = { tps: 500, p99Ms: 9, unevenness: 1.25 }
  const report = workersReport(
    [
      { ...row, name: '2 × 1', clients: 1, ratio: ratio(0.5, 0.4, 0.6) },
      { ...row, name: '4 × 1', clients: 1 },
      { ...row, name: '2 × 1', clients: 8, ratio: ratio(0.5, 0.4, 0.6) },
    ],
    6,
  )
  expect(columnsOf(report)).toEqual([
    '1 client | (in turns; 6 blocks each; the last setting is the default)',
    'workers × threads | TPS | ÷ default [95 %] | p99 ms | busiest worker',
    '2 × 1 | 500 | 0.500× [0.400, 0.600] | 9.00 | 1.25× its share',
    '4 × 1 | 500 | 9.00 | 1.25× its share',
    '8 clients | (in turns; 6 blocks each; the last setting is the default)',
    'workers × threads | TPS | ÷ default [95 %] | p99 ms | busiest worker',
    '2 × 1 | 500 | 0.500× [0.400, 0.600] | 9.00 | 1.25× its share',
  ])
})
