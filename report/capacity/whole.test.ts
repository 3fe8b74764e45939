import { expect, test } from 'vitest'
import { fullSampleCapacityRun, sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { lawTable, planTable, planTitle } from './hosts.ts'
import { capacityMarkdown } from './markdown.ts'
import type { CapacityRun } from './run.ts'
import { capacityReport } from './terminal.ts'
import {
  boundInWords,
  capacityInColumn,
  confirmationsOf,
  insteadOf,
  measuredInWords,
  mostOf,
  percent,
  rateInWords,
  sentence,
} from './words.ts'

const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

const estimate = (value: number, low: number, high: number) => ({ value, low, high })

/** A search with a law, a plan and batches, whose figures can be told by hand. */
function whole(): CapacityRun {
  const run = fullSampleCapacityRun()
  const level = { clients: 1, measured: 100, fitted: 97 }
  run.scaling = [
    {
      side: 'postgres',
      law: {
        alpha: estimate(0.02, 0.01, 0.03),
        beta: estimate(0.0005, 0, Number.MAX_VALUE),
        gamma: estimate(100, 90, 110),
        blocks: 6,
        levels: [
          { ...level, residual: 0.03 },
          { ...level, residual: -0.05 },
        ],
        curve: [],
        peak: { clients: 44.2, tps: 1234 },
      },
    },
    { side: 'python', law: { impossible: 'At 5 clients there was no right answer' } },
  ]
  return run
}

const said =
  'postgres holds p99<10ms up to 4,120 requests a second [4,010, 4,230], python up to 1,005 requests a second [980, 1,030]: postgres 4.10 times [3.90, 4.30] as much as python; all 2 thresholds hold.'
const busy =
  "At 4,010 requests a second of postgres, the machine's 2 processors are 96 % busy: postgres uses 1.02, the client 0.81."
const elsewhere =
  'At 980 requests a second of python, what ends first is not known: its processes are not on this machine, and it tells of no wait.'

test('the whole report in a terminal', () => {
  expect(inOneLine(capacityReport(whole()))).toBe(
    [
      'Capacity (requests a second that hold the objective, from when due)',
      'side objective capacity [95 %] confirmed closed',
      // To 100 clients: 1.2 × 4,120 × 100 ÷ 102.
      'postgres p99<10ms 4,120 [4,010, 4,230] 4,010 4,847',
      'python p99<10ms 1,005 [980, 1,030] 980 1,182',
      'ratio of capacities [95 %]',
      'postgres ÷ python 4.10× [3.90, 4.30]',
      said,
      'Rates of postgres (p99<10ms; ms)',
      '/s seen [95 %] p50 p99 answered',
      '2,884 ✓ holds 99.5 % [99.3, 99.7] 0.667 4.00 99.9 %',
      '4,010 ✓ holds 99.5 % [99.3, 99.7] 1.52 9.10 99.9 %',
      '4,120 ? undecided 99.01 % [98.81, 99.21] 1.65 9.90 99.9 %',
      '4,532 ✗ crossed 97 % [96.8, 97.2] 4.17 25.0 99.9 %',
      '! 4,532/s: a backlog grows: each second the latency rises by 12 ms',
      'Rates of python (p99<10ms; ms)',
      '/s seen [95 %] p50 p99 answered',
      '703.5 ✓ holds 99.5 % [99.3, 99.7] 0.667 4.00 99.9 %',
      '980 ✓ holds 99.5 % [99.3, 99.7] 1.52 9.10 99.9 %',
      '1,005 ? undecided 99.01 % [98.81, 99.21] 1.65 9.90 99.9 %',
      '1,106 ✗ crossed 97 % [96.8, 97.2] 4.17 25.0 99.9 %',
      '! 1,106/s: a backlog grows: each second the latency rises by 12 ms',
      'Client (ms: how late it sent, and what a null server answered in; p99)',
      'side /s rounds requests late null no client free',
      // Six rounds of 20 s.
      'postgres 2,884 6 346,080 0.120 0.340 0 %',
      'postgres 4,010 6 481,200 0.120 0.340 0 %',
      'postgres 4,120 6 494,400 0.120 0.340 0 %',
      'postgres 4,532 6 543,840 0.120 0.340 0 %',
      'python 703.5 6 84,420 0.120 0.340 0 %',
      'python 980 6 117,600 0.120 0.340 0 %',
      'python 1,005 6 120,600 0.120 0.340 0 %',
      'python 1,106 6 132,660 0.120 0.340 0 %',
      'Confirmed by fresh sessions',
      'side /s sessions that held',
      'postgres 4,010 5 of 5',
      'python 980 5 of 5',
      'What is used (at the highest rate that held)',
      'postgres, 4,010/s',
      'postgres: server and backends 1.02 processors',
      'client: k6 0.81 processors',
      "the machine's 2 processors 95 % busy, 1 % stolen",
      'connections at work 8.20 of 100',
      'requests that found no client free 0 %',
      "the database's connections 100 of 250, 6.10 at work",
      'of its queries, running 80 %',
      'of its queries, waiting for LWLock:BufferMapping 20 %',
      busy,
      'python, 980/s',
      "python: Gunicorn's master and workers 1.50 processors",
      'connections at work 3.10 of 100',
      'requests that found no client free 0 %',
      elsewhere,
      'Throughput by clients (X(N) = γN ÷ (1 + α(N − 1) + βN(N − 1)))',
      'side γ, one client α, contention β, coherency',
      'postgres 100 [90, 110] 0.02 [0.01, 0.03] 0.0005 [0, ∞]',
      '! postgres: at most 1,234 a second, at 44 clients; the law misses what was measured by 5 % at most',
      '! python: no law was fitted. At 5 clients there was no right answer',
      'Hosts (50,000 predictions a second, 30 % headroom, 1 spare, prices in USD)',
      'side hosts [95 %] use spare lost an hour a month a million',
      'postgres 19 [18, 19] 63.9 % 67.4 % 6.46 4,716 0.03589',
      // 50,000 ÷ (1,005 × 0.7) = 71.1, and one to spare; 73 × 0.34 an hour for 180 million predictions.
      'python 73 [71, 74] 68.2 % 69.1 % 24.82 18,120 0.1379',
      '! postgres: with 17 hosts left the demand is 71.4 % of each, which takes headroom',
      '! python: with 71 hosts left the demand is 70.1 % of each, which takes headroom',
      'Several keys at once (10 clients; latency is that of a whole request)',
      'keys side predictions/s p50 ms p99 ms',
      '5 postgres 20,000 2.40 5.00',
      'Thresholds',
      'measured bound',
      'capacity.postgres.minRate 4,120/s [4,010, 4,230] ≥ 3,000/s ✓ holds',
      'capacity.minRatio 4.10× [3.90, 4.30] ≥ 3.00× ✓ holds',
      'Premises',
      '✓ keep-alive: none of the 200 connections had to be replaced',
      'Run',
      'machine A Processor with Quite a Long Name @ 2.80GHz, 2 cores, 25.0 GB, Linux 6 x64',
      'postgres shared_buffers 256MB',
      'python 2 workers, 4 threads each',
      'versions Node 20.0.0, k6 1.8.1',
      'asked Poisson arrivals, at most 100 clients, rounds with 20.0 s of each side in 8 sessions, 480 s in all',
      'seed 7',
      "repeat npx inference-gap capacity --objective 'p99<10ms'",
      said,
    ].join(' '),
  )
})

test('where little is known little is told; what could not be asked afterwards stands by itself', () => {
  const run = sampleCapacityRun()
  Object.assign(run, { confirmations: [], resources: [], ratios: [], premises: [] })
  Object.assign(run.settings, { arrivals: 'even', sessions: 1 })
  run.verdict.checks = []
  run.missed = [{ what: 'versions', kind: 'odd', message: 'sorry' }]
  const [side] = run.sides
  const [rate] = side?.rates ?? []
  if (!side || !rate) throw new Error('no rate')
  delete side.confirmed
  delete rate.client.nullP99Ms
  run.sides = [{ ...side, closed: [], rates: [{ ...rate, terms: [] }] }]
  expect(inOneLine(capacityReport(run))).toBe(
    [
      'Capacity (requests a second that hold the objective, from when due)',
      'side objective capacity [95 %] confirmed closed',
      'postgres p99<10ms none - -',
      '! postgres: no rate confirmed',
      'Of postgres no capacity is known: no rate confirmed.',
      'Rates of postgres (p99<10ms; ms)',
      '/s seen [95 %] p50 p99 answered',
      '2,884 ✓ holds 0.667 4.00 99.9 %',
      'Client (ms: how late it sent, and what a null server answered in; p99)',
      'side /s rounds requests late null no client free',
      'postgres 2,884 6 346,080 0.120 - 0 %',
      'Failures (what could not be asked once the load was over)',
      '✗ versions: odd × 1 (after the load): sorry',
      'Run',
      'machine A Processor with Quite a Long Name @ 2.80GHz, 2 cores, 25.0 GB, Linux 6 x64',
      'postgres shared_buffers 256MB',
      'python 2 workers, 4 threads each',
      'versions Node 20.0.0, k6 1.8.1',
      'asked even arrivals, at most 100 clients, rounds with 20.0 s of each side in 1 session, 480 s in all',
      'seed 7',
      "repeat npx inference-gap capacity --objective 'p99<10ms'",
      'Of postgres no capacity is known: no rate confirmed.',
    ].join(' '),
  )
  const markdown = capacityMarkdown(run)
  expect(markdown).toContain(
    'What failed (what could not be asked once the load was over):\n\n| side | kind |',
  )
  expect(markdown).toMatch(
    /\| versions \| odd \| 1 \| {2}\| after the load \| sorry \| {2}\|\n\n<details><summary>Rates/,
  )
})

test('the whole summary in Markdown', () => {
  const lines = (text: string) => text.split('\n').filter((line) => line !== '')
  const plain = (text: string) => text.replaceAll('<', '&lt;').replace(/[[\]]/g, '\\$&')
  const capacity = ['4,120 \\[4,010, 4,230\\]', '1,005 \\[980, 1,030\\]']
  const rates = (side: string, all: string[]) =>
    [
      ['✅ holds', '99.5 % \\[99.3, 99.7\\]', '0.667', '4.00'],
      ['✅ holds', '99.5 % \\[99.3, 99.7\\]', '1.52', '9.10'],
      ['❔ undecided', '99.01 % \\[98.81, 99.21\\]', '1.65', '9.90'],
      ['❌ crossed', '97 % \\[96.8, 97.2\\]', '4.17', '25.0'],
    ].map(
      ([mark, seen, p50, p99], at) =>
        `| ${side} | ${all[at]} | ${mark} | p99&lt;10ms: ${seen} | ${p50} | ${p99} | 99.9 % | 0.120 |`,
    )
  expect(lines(capacityMarkdown(whole()))).toEqual([
    '## Capacity',
    `**${plain(said)}**`,
    '| side | objective | requests a second | confirmed at | most in the closed model |  |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    `| postgres | p99&lt;10ms | ${capacity[0]} | 4,010 | 4,847 |  |`,
    `| python | p99&lt;10ms | ${capacity[1]} | 980 | 1,182 |  |`,
    '| ratio of capacities |  |',
    '| --- | ---: |',
    '| postgres ÷ python | 4.10× \\[3.90, 4.30\\] |',
    busy,
    elsewhere,
    '50,000 predictions a second, 30 % headroom, 1 spare, prices in USD:',
    '| side | hosts | \\[95 %\\] | use | spare lost | an hour | a month | a million |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| postgres | 19 | \\[18, 19\\] | 63.9 % | 67.4 % | 6.46 | 4,716 | 0.03589 |',
    '| python | 73 | \\[71, 74\\] | 68.2 % | 69.1 % | 24.82 | 18,120 | 0.1379 |',
    'postgres: with 17 hosts left the demand is 71.4 % of each, which takes headroom.',
    'python: with 71 hosts left the demand is 70.1 % of each, which takes headroom.',
    'Several keys at once (10 clients; latency is that of a whole request):',
    '| keys | side | predictions/s | requests/s | p50 ms | p99 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    '| 5 | postgres | 20,000 | 4,000 | 2.40 | 5.00 |',
    '<details><summary>Thresholds</summary>',
    '| threshold | measured | bound |  |',
    '| --- | ---: | ---: | ---: |',
    `| \`capacity.postgres.minRate\` | 4,120/s \\[4,010, 4,230\\] | ≥ 3,000/s | ✅ holds |`,
    '| `capacity.minRatio` | 4.10× \\[3.90, 4.30\\] | ≥ 3.00× | ✅ holds |',
    '</details>',
    '<details><summary>Rates</summary>',
    '| side | requests a second |  | seen | p50 ms | p99 ms | answered | client late p99 ms |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rates('postgres', ['2,884', '4,010', '4,120', '4,532']),
    ...rates('python', ['703.5', '980', '1,005', '1,106']),
    '</details>',
    '<details><summary>Run</summary>',
    '|  |  |',
    '| --- | ---: |',
    '| machine | A Processor with Quite a Long Name @ 2.80GHz, 2 cores, 25.0 GB, Linux 6 x64 |',
    '| versions | Node 20.0.0, k6 1.8.1 |',
    '| postgres | shared\\_buffers 256MB |',
    '| python | 2 workers, 4 threads each |',
    "| repeat | npx inference-gap capacity --objective 'p99&lt;10ms' |",
    '</details>',
  ])
})

test('what there is instead of a capacity', () => {
  const [first] = sampleCapacityRun().sides
  if (!first) throw new Error('no side')
  const { found, confirmed: _, ...rest } = first
  const atLeast = { rate: 4010, why: 'client-limited' }
  if (!found) throw new Error('no capacity')
  expect(insteadOf(first)).toBeUndefined()
  expect(insteadOf({ ...rest, found, unconfirmed: 'p99<10ms: 120 %' })).toBe(
    'no rate confirmed, at the last p99<10ms: 120 %',
  )
  expect(insteadOf({ ...rest, found })).toBe('no rate confirmed')
  expect(insteadOf(rest)).toBe('none was found')
  expect(insteadOf({ ...rest, none: 'crossed at every rate' })).toBe('crossed at every rate')
  expect(insteadOf({ ...rest, atLeast })).toBe('at least 4,010, client-limited')
  expect(insteadOf({ ...rest, atLeast, unconfirmed: 'x' })).toBe(
    'at least 4,010, client-limited; not confirmed in fresh sessions: x',
  )
  expect(insteadOf({ ...rest, atLeast, unconfirmed: 'x', confirmed: 4000 })).toBe(
    'at least 4,010, client-limited',
  )
})

test('fresh sessions are counted by rate, in the order in which these were tried', () => {
  const run = unreachedCapacityRun()
  run.confirmations = [
    { rates: { python: 980, postgres: 4010 }, held: { python: false, postgres: true } },
    { rates: { python: 960, postgres: 4010 }, held: { python: true, postgres: true } },
    // One that was asked for and ended before it told.
    { rates: { python: 960 }, held: {} },
  ]
  expect(confirmationsOf(run)).toEqual([
    { side: 'postgres', rate: 4010, held: 2, of: 2 },
    { side: 'python', rate: 980, held: 0, of: 1 },
    { side: 'python', rate: 960, held: 1, of: 1 },
  ])
})

test('another objective of the other side is told with it', () => {
  const run = sampleCapacityRun()
  const [, last] = run.sides
  if (last) last.objective = 'p99<50ms'
  run.ratios = []
  run.verdict.checks = []
  expect(sentence(run)).toBe(
    'postgres holds p99<10ms up to 4,120 requests a second [4,010, 4,230], python holds p99<50ms up to 1,005 requests a second [980, 1,030].',
  )
})

test('rates have four digits, and what is no number is told as such', () => {
  expect([12_345.6, 0.0123, 9.999, Number.NaN].map(rateInWords)).toEqual(['12,350', '0.0123', '9.999', '-'])
  const [side] = sampleCapacityRun().sides
  if (!side) throw new Error('no side')
  expect(mostOf({ ...side, closed: [] })).toBeUndefined()
  const [one, two] = [
    { clients: 1, tps: 5 },
    { clients: 2, tps: 5 },
  ]
  // Of as much to more clients the fewer clients are told.
  expect(mostOf({ ...side, closed: [one, two] })).toBe(one)
})

test('hosts without prices, without an end, and of one', () => {
  const { plan } = fullSampleCapacityRun()
  const [side] = plan?.sides ?? []
  if (!plan || !side || !('hosts' in side)) throw new Error('no plan')
  const { cost: _, costRange: __, ...rest } = side
  const { currency: ___, ...unpriced } = { ...plan, headroom: 0.125 }
  expect(planTitle(unpriced)).toBe('50,000 predictions a second, 12.5 % headroom, 1 spare')
  const fewer = { hosts: 1, use: 1.2345, exceeds: 'capacity' as const }
  expect(planTable({ ...plan, sides: [{ ...rest, most: null, atMost: 'client-limited', fewer }] })).toEqual({
    head: ['side', 'hosts', '[95 %]', 'use', 'spare lost'],
    rows: [['postgres', '≤ 19', '[18, ∞]', '63.9 %', '67.4 %']],
    notes: [
      'postgres: at most so many hosts, for it may do more: client-limited',
      'postgres: with 1 host left the demand is 123 % of each, more than they can serve',
    ],
  })
  const enough = { ...rest, fewer: { ...fewer, hosts: 2, exceeds: 'nothing' as const } }
  // Of one side there are prices, and of the other none.
  expect(
    planTable({ ...plan, sides: [side, enough, { side: 'slow', why: 'no rate confirmed' }] }),
  ).toMatchObject({
    rows: [
      ['postgres', '19', '[18, 19]', '63.9 %', '67.4 %', '6.46', '4,716', '0.03589'],
      ['postgres', '19', '[18, 19]', '63.9 %', '67.4 %', '-', '-', '-'],
    ],
    notes: [
      'slow: no rate confirmed',
      expect.stringContaining('with 17 hosts left'),
      'postgres: with 2 hosts left the demand is 123 % of each, which is enough',
    ],
  })
})

test('a law without a peak says so', () => {
  const run = whole()
  const [{ law } = { law: undefined }] = run.scaling ?? []
  if (!law || 'impossible' in law) throw new Error('no law')
  const { peak: _, ...level } = law
  expect(lawTable([{ side: 'a', law: level }]).notes).toEqual([
    'a: no highest throughput up to twice the clients that were measured; the law misses what was measured by 5 % at most',
  ])
})

test('what was measured of a capacity, where it has no end, or nothing is known', () => {
  const check = {
    threshold: 'x',
    measured: 5,
    relation: '≥',
    bound: 4,
    unit: 'times',
    outcome: 'pass',
  } as const
  expect(measuredInWords({ ...check, interval: [4.5, Number.MAX_VALUE] })).toBe('5.00× [4.50, ∞]')
  expect(measuredInWords({ ...check, measured: Number.NaN, unit: 'TPS' })).toBe('nothing')
  expect(measuredInWords({ ...check, unit: 'share' })).toBe('5.00')
  expect(boundInWords({ ...check, relation: '≤', unit: 'ms' })).toBe('≤ 4.00 ms')
  expect(percent(Number.NaN)).toBe('-')
  const [first, last] = unreachedCapacityRun().sides
  if (!first || !last) throw new Error('no sides')
  expect([first, last].map(capacityInColumn)).toEqual(['at least 4,010', 'none'])
})
