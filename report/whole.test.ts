import { describe, expect, test } from 'vitest'
import { columnsOf, runByHand, runWithShares, sampleRun } from './fixture.ts'
import { markdown } from './markdown.ts'
import type { Run } from './run.ts'
import { sentence, terminalReport } from './terminal.ts'

const said =
  'At one client postgres gives 5.00 times as many answers as python [5.00, 5.00]; 1 of 4 thresholds crossed.'

test('the whole report in a terminal', () => {
  expect(columnsOf(terminalReport(runByHand()))).toEqual([
    'Sides | (latency in ms, as the client sees it)',
    'side | clients | TPS | mean | p50 | p95 | p99 | max | failed',
    'postgres | 1 | 1,000 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 0',
    'python | 1 | 200 | 5.00 | 5.00 | 5.00 | 5.00 | 5.00 | 0',
    'Training',
    'side | peak memory | time | measured by',
    'postgres | 100 MB | 1.00 s | VmHWM',
    'python | 300 MB | 1.00 s | VmHWM',
    'Memory of serving | (resident, what processes share counts once)',
    'clients | memory',
    'postgres: server and backends | 1 | 40.0 MB',
    "python: Gunicorn's master and workers | 1 | 300 MB",
    'python: feature store | 1 | 20.0 MB',
    'Client cost | (ms of a client for an answer; null: by a server that does nothing)',
    'side | clients | as seen | null | net | headroom',
    'postgres | 1 | 1.00 | 0.100 | 0.900 | 4.00×',
    'python | 1 | 5.00 | 0.400 | 4.60 | 4.00×',
    'Gap | (median of 4 pairs in 1 session [95 %]; above 1 python loses)',
    'clients | here | published',
    // Published: 5926.5 and 859.09 answers a second, 0.169 and 1.164 ms, 5.2 and 11.6 GB.
    'TPS, postgres ÷ python | 1 | 5.00× [5.00, 5.00] | 6.90×',
    'mean latency, python ÷ postgres | 1 | 5.00× [5.00, 5.00] | 6.89×',
    'net of client cost | 1 | 5.11×',
    'p50 latency | 1 | 5.00× [5.00, 5.00]',
    'p95 latency | 1 | 5.00× [5.00, 5.00]',
    'p99 latency | 1 | 5.00× [5.00, 5.00]',
    'training memory | 3.00× | 2.23×',
    'Thresholds',
    'clients | measured | bound',
    'gap.minTpsRatio | 1 | 5.00× [4.50, 5.50] | ≥ 4.00× | ✓ holds',
    'python.maxFailureRate | 0.0123 | ≤ 0.001 | ✗ crossed',
    'postgres.maxLatencyMs.p50 | 1 | 1.00 ms | ≤ 2.00 ms | ? undecided',
    'postgres.minTps | 1 | 1,000/s | ≥ 900/s | ✓ holds',
    'Outside the turns | (seconds of a client; 99.8 % of 10.8 s are accounted for)',
    'postgres, s | longest ms | python, s | longest ms',
    'opening connections | 0.020 | 8.00 | 0.020 | 8.00',
    'their first questions | 0.030 | 12.0 | 0.030 | 12.0',
    'leads of turns | 0.800 | 2.00 | 0.800 | 2.00',
    'waiting for others | 0.016 | 0.200 | 0.016 | 0.200',
    'closing connections | 0.005 | 2.00 | 0.005 | 2.00',
    'requests that count | 4.00 | 4.00',
    'Premises',
    '✓ a: so',
    '✗ b: x; most likely cause: y',
    '→ z',
    'Failures | (what failed while measuring is counted as failed requests, all else only here)',
    '✗ python: odd × 1,234 (clients: 1; measuring 1,234): busy',
    'Notes',
    '! 1 of 2 warm-ups ended before the rates were steady (clients: 1)',
    'Run',
    'machine | CPU, 2 cores, 25.0 GB, Linux 6',
    'postgres | shared',
    'python | 2 workers',
    'versions | k6 1, Node 20',
    'between | PgBouncer',
    'query mode | prepared',
    'seed | 1',
    'parity | 1000 keys, 999 bit-identical',
    'repeat | npx x',
    said,
  ])
})

describe('in a terminal', () => {
  const linesOf = (run: Run, heading: string, lines: number) => {
    const all = columnsOf(terminalReport(run))
    const at = all.findIndex((line) => line.startsWith(heading))
    return at < 0 ? [] : all.slice(at, at + lines)
  }

  test('a run at a rate tells of latency from when requests were due, and of no gap in throughput', () => {
    const run = runByHand()
    run.measurement.settings.rate = 100
    run.measurement.settings.sessions = 2
    expect(linesOf(run, 'Sides', 1)).toEqual([
      'Sides | (100 requests a second due; latency in ms from when each was)',
    ])
    expect(linesOf(run, 'Gap', 3)).toEqual([
      'Gap | (median of 4 pairs in 2 sessions [95 %]; above 1 python loses)',
      'clients | here | published',
      'mean latency, python ÷ postgres | 1 | 5.00× [5.00, 5.00] | 6.89×',
    ])
    expect(sentence(run)).toBe(
      'At 100 requests a second postgres answers 5.00 times as fast as python [5.00, 5.00]; 1 of 4 thresholds crossed.',
    )
  })

  test('whoever is the faster is named first', () => {
    const run = sampleRun([0.5, 0.5])
    run.verdict.checks = []
    expect(sentence(run)).toBe(
      'At one client python gives 2.00 times as many answers as postgres [2.00, 2.00]; no threshold was judged.',
    )
    run.measurement.settings.rate = 7
    expect(sentence(run)).toBe(
      'At 7 requests a second python answers 2.00 times as fast as postgres [2.00, 2.00]; no threshold was judged.',
    )
  })

  test('other ways of predicting have one row of the gap, and say whose it is', () => {
    const run = runWithShares()
    expect(linesOf(run, 'TPS, postgres-fast', 2)).toEqual([
      'TPS, postgres-fast ÷ python | 1 | 20.0× [20.0, 20.0]',
      'TPS, python-fast ÷ python | 1 | 2.00× [2.00, 2.00]',
    ])
    expect(linesOf(run, 'Whose the gap is', 4)).toEqual([
      'Whose the gap is | (TPS: ÷ python-fast; python-fast ÷ python)',
      'clients | architecture | implementation',
      'postgres | 1 | 2.50× [2.50, 2.50] | 2.00× [2.00, 2.00]',
      'postgres-fast | 1 | 10.0× [10.0, 10.0] | 2.00× [2.00, 2.00]',
    ])
  })

  test('of each other build of the last side the factors stand apart', () => {
    const run = runWithShares()
    const [share] = run.verdict.shares ?? []
    if (!share) throw new Error('no shares')
    const ratio = (median: number) => ({ median, low: median, high: median, pairs: 4 })
    const other = { ...share, by: 'python-lean', architecture: ratio(1.25), implementation: ratio(4) }
    run.verdict.shares = [share, other]
    expect(linesOf(run, 'Whose the gap is', 6)).toEqual([
      'Whose the gap is | (TPS: ÷ python-fast; python-fast ÷ python)',
      'clients | architecture | implementation',
      'postgres | 1 | 2.50× [2.50, 2.50] | 2.00× [2.00, 2.00]',
      'Whose the gap is | (TPS: ÷ python-lean; python-lean ÷ python)',
      'clients | architecture | implementation',
      'postgres | 1 | 1.25× [1.25, 1.25] | 4.00× [4.00, 4.00]',
    ])
  })

  test('where a premise is broken the sentence holds no verdict, which whoever reads it alone would take for one', () => {
    const run = runByHand()
    run.verdict.outcome = 'could not measure'
    expect(sentence(run)).toBe(
      'At one client postgres gives 5.00 times as many answers as python [5.00, 5.00]; a premise is broken, so that these figures mean nothing.',
    )
    run.verdict.gaps = []
    expect(sentence(run)).toBe('A premise is broken, so that these figures mean nothing.')
  })

  test('what is not there has no heading', () => {
    const run = runByHand()
    delete run.training
    delete run.serving
    delete run.measurement.time
    delete run.published
    delete run.between
    delete run.parity
    run.costs = []
    run.measurement.failures = []
    run.measurement.warmups = []
    for (const side of run.measurement.workload.asked) delete side.mode
    Object.assign(run.verdict, { checks: [], gaps: [], trainingMemoryRatio: undefined })
    expect(columnsOf(terminalReport(run))).toEqual([
      'Sides | (latency in ms, as the client sees it)',
      'side | clients | TPS | mean | p50 | p95 | p99 | max | failed',
      'postgres | 1 | 1,000 | 1.00 | 1.00 | 1.00 | 1.00 | 1.00 | 0',
      'python | 1 | 200 | 5.00 | 5.00 | 5.00 | 5.00 | 5.00 | 0',
      'Premises',
      '✓ a: so',
      '✗ b: x; most likely cause: y',
      '→ z',
      'Run',
      'machine | CPU, 2 cores, 25.0 GB, Linux 6',
      'postgres | shared',
      'python | 2 workers',
      'versions | k6 1, Node 20',
      'seed | 1',
      'repeat | npx x',
      'No threshold was judged.',
    ])
  })

  test('where nothing is published and nothing known of the client, the gap stands alone', () => {
    const run = runByHand()
    delete run.published
    run.costs = []
    expect(linesOf(run, 'Gap', 8)).toEqual([
      'Gap | (median of 4 pairs in 1 session [95 %]; above 1 python loses)',
      'clients | here',
      'TPS, postgres ÷ python | 1 | 5.00× [5.00, 5.00]',
      'mean latency, python ÷ postgres | 1 | 5.00× [5.00, 5.00]',
      'p50 latency | 1 | 5.00× [5.00, 5.00]',
      'p95 latency | 1 | 5.00× [5.00, 5.00]',
      'p99 latency | 1 | 5.00× [5.00, 5.00]',
      'training memory | 3.00×',
    ])
  })

  test('of two that are as fast the first is named first', () => {
    const run = sampleRun([1, 1])
    expect(sentence(run)).toMatch(/^At one client postgres gives 1\.00 times as many answers as python /)
    run.measurement.settings.rate = 7
    expect(sentence(run)).toMatch(/^At 7 requests a second postgres answers 1\.00 times as fast as python /)
  })

  test('hosts of sides that are several, and who shared the run', () => {
    const run = runByHand()
    const { measurement } = run
    for (const block of measurement.blocks)
      if (block.key === 'python') block.hosts = [{ name: 'one', ok: block.ok, failed: block.failed }]
    measurement.parts = [
      {
        ...{
          part: 1,
          of: 2,
          session: 1,
          startAt: '2026-01-02T03:04:05.000Z',
          turnMs: 100,
          turns: 4,
          late: 0,
        },
        ...{
          skew: null,
          machine: { host: 'load-1', cores: 2 },
          made: { program: '', workload: '', keys: '' },
        },
      },
    ]
    expect(linesOf(run, 'Hosts', 3)).toEqual([
      'Hosts | (of sides that are several)',
      'side | host | clients | answers | share | p50 ms | p99 ms | failed',
      'python | one | 1 | 800 | 100 % | 5.00 | 5.00 | 0',
    ])
    expect(linesOf(run, 'parts', 1)[0]).toMatch(/^parts \| session 1, part 1 of 2: load-1, 2 cores, clock /)
  })
})

test('the whole summary in Markdown', () => {
  const run = runByHand()
  run.verdict.notJudged = [{ threshold: 'python[1].minTps', clients: 20, why: 'clients' }]
  const even = '5.00× \\[5.00, 5.00\\]'
  expect(
    markdown(run)
      .split('\n')
      .filter((line) => line !== ''),
  ).toEqual([
    '## Inference gap',
    `**${said.replace('[5.00, 5.00]', '\\[5.00, 5.00\\]')}**`,
    '> ❌ A premise is broken, so the figures mean nothing: b: x; most likely cause: y → z',
    '| gap | clients | TPS | p50 latency | p95 latency | published TPS |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    `| postgres against python | 1 | ${even} | ${even} | ${even} | 6.90× |`,
    '| side | clients | TPS | p50 ms | p95 ms | p99 ms | failed |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| postgres | 1 | 1,000 | 1.00 | 1.00 | 1.00 | 0 |',
    '| python | 1 | 200 | 5.00 | 5.00 | 5.00 | 0 |',
    'What failed (what failed while measuring is counted as failed requests, all else only here):',
    '| side | kind | times | clients | where | the first said | what to do |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: |',
    '| python | odd | 1,234 | 1 | measuring 1,234 | busy |  |',
    '<details><summary>Thresholds</summary>',
    '| threshold | clients | measured | bound |  |',
    '| --- | ---: | ---: | ---: | ---: |',
    '| `gap.minTpsRatio` | 1 | 5.00× \\[4.50, 5.50\\] | ≥ 4.00× | ✅ holds |',
    '| `python.maxFailureRate` |  | 0.0123 | ≤ 0.001 | ❌ crossed |',
    '| `postgres.maxLatencyMs.p50` | 1 | 1.00 ms | ≤ 2.00 ms | ❔ undecided |',
    '| `postgres.minTps` | 1 | 1,000/s | ≥ 900/s | ✅ holds |',
    '| `python[1].minTps` | 20 | 20 clients not measured |  | ➖ not judged |',
    '</details>',
    '<details><summary>Run</summary>',
    '|  |  |',
    '| --- | ---: |',
    '| machine | CPU, 2 cores, 25.0 GB, Linux 6 |',
    '| versions | k6 1, Node 20 |',
    '| postgres | shared |',
    '| python | 2 workers |',
    '| repeat | npx x |',
    '</details>',
  ])
  delete run.published
  for (const gap of run.verdict.gaps) gap.key = 'a_b'
  expect(markdown(run)).toContain(`| a\\_b against python | 1 | ${even} | ${even} | ${even} |\n`)
  run.verdict.gaps = []
  expect(markdown(run)).not.toContain('| gap |')
})

test('whose the gap is, in Markdown', () => {
  expect(markdown(runWithShares())).toContain(
    [
      "| whose the gap is, TPS | clients | the architecture's | the implementation's |",
      '| --- | ---: | ---: | ---: |',
      '| postgres ÷ python-fast, python-fast ÷ python | 1 | 2.50× \\[2.50, 2.50\\] | 2.00× \\[2.00, 2.00\\] |',
    ].join('\n'),
  )
})
