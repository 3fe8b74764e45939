import { parseHTML } from 'linkedom'
import { describe, expect, test } from 'vitest'
import { askBeside } from '../../gap/fixture.ts'
import { runByHand, runWithShares } from '../fixture.ts'
import { markdown } from '../markdown.ts'
import type { Run } from '../run.ts'
import { sentence } from '../terminal.ts'
import { tablesOn } from './fixture.ts'
import { htmlReport } from './page.ts'

const tablesOf = (run: Run) => tablesOn(htmlReport(run))

describe('tables of the page', () => {
  const tables = tablesOf(runByHand())
  const even = '5.00× [5.00, 5.00]'

  test.each<[string, string[][]]>([
    [
      'One client, beside the published benchmark',
      [
        ['', 'here', 'published'],
        ['postgres, TPS', '1,000', '5,927'],
        ['postgres, mean latency', '1.00 ms', '0.169 ms'],
        ['python, TPS', '200', '859'],
        ['python, mean latency', '5.00 ms', '1.16 ms'],
        ['gap, TPS, postgres ÷ python', even, '6.90×'],
        ['gap net of client cost', '5.11×', '–'],
        ['gap, training memory', '3.00×', '2.23×'],
      ],
    ],
    [
      'By side and number of clients',
      [
        ['side', 'clients', 'TPS', 'mean ms', 'p50', 'p95', 'p99', 'max', 'failed'],
        ['postgres', '1', '1,000', '1.00', '1.00', '1.00', '1.00', '1.00', '0'],
        ['python', '1', '200', '5.00', '5.00', '5.00', '5.00', '5.00', '0'],
      ],
    ],
    [
      'Each side against python; above 1 it wins',
      [
        ['side', 'clients', 'figure', 'median [95 %]'],
        ['postgres', '1', 'TPS', even],
        ['postgres', '1', 'p50 latency', even],
        ['postgres', '1', 'p95 latency', even],
        ['postgres', '1', 'p99 latency', even],
      ],
    ],
    [
      // Of 4000 requests 99.975 % are before the last, of 800 are 99.875 %.
      'Milliseconds within which a share of the requests was answered',
      [
        ['side', ...[1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99].map((rank) => `${rank} %`)],
        ['postgres', ...Array<string>(10).fill('1.00'), ''],
        ['python', ...Array<string>(9).fill('5.00'), '', ''],
      ],
    ],
    [
      'Milliseconds of a client for an answer',
      [
        ['side', 'part', 'ms'],
        ['postgres', 'client and network', '0.100'],
        ['postgres', 'server without a row', '0.200'],
        ['postgres', 'postgres: the rest', '0.700'],
        ['python', 'client and network', '0.400'],
        ['python', 'python', '4.60'],
      ],
    ],
    [
      'Training',
      [
        ['side', 'peak', 'seconds', 'measured by'],
        ['postgres', '100 MB', '1.00', 'VmHWM'],
        ['python', '300 MB', '1.00', 'VmHWM'],
      ],
    ],
    [
      'Serving: all processes of each, MB; what they share counts once',
      [
        [
          'clients',
          'postgres: server and backends',
          "python: Gunicorn's master and workers",
          'python: feature store',
        ],
        ['1', '40.0', '300', '20.0'],
      ],
    ],
    [
      // Twelve turns of each, of ten requests in ten milliseconds.
      'By session',
      [
        ['side', 'session', 'turns drawn', 'least ms', 'most ms'],
        ['postgres', '1', '12', '1.00', '1.00'],
        ['python', '1', '12', '1.00', '1.00'],
      ],
    ],
    [
      'What thresholds.json expects',
      [
        ['threshold', 'clients', 'measured', 'bound', ''],
        ['gap.minTpsRatio', '1', '5.00× [4.50, 5.50]', '≥ 4.00×', '✓ holds'],
        ['python.maxFailureRate', '', '0.0123', '≤ 0.001', '✗ crossed'],
        ['postgres.maxLatencyMs.p50', '1', '1.00 ms', '≤ 2.00 ms', '? undecided'],
        ['postgres.minTps', '1', '1,000/s', '≥ 900/s', '✓ holds'],
      ],
    ],
    [
      'What failed: what failed while measuring is counted as failed requests, all else only here',
      [
        ['side', 'kind', 'times', 'clients', 'where', 'the first said', 'what to do'],
        ['python', 'odd', '1,234', '1', 'measuring 1,234', 'busy', ''],
      ],
    ],
    [
      'What took part',
      [
        ['', ''],
        ['machine', 'CPU, 2 cores, 25.0 GB, Linux 6'],
        ['postgres', 'shared'],
        ['python', '2 workers'],
        ['between', 'PgBouncer'],
        ['versions', 'k6 1, Node 20'],
        ['query mode', 'prepared'],
        ['seed', '1'],
        ['parity', '1000 keys, 999 bit-identical'],
        ['repeat', 'npx x'],
      ],
    ],
  ])('%s', (caption, rows) => {
    expect(tables[caption]).toEqual(rows)
  })

  test('time outside the turns, in short and whole', () => {
    const [head, first] = tables['Seconds of a client, its mean, and the longest in milliseconds'] ?? []
    expect(head).toEqual(['', 'postgres, s', 'longest ms', 'python, s', 'longest ms'])
    expect(first).toEqual(['opening connections', '0.020', '8.00', '0.020', '8.00'])
    expect(tables['Everything that clients did']?.slice(0, 2)).toEqual([
      ['side', 'clients', 'phase', 'what', 'count', 'failed', 's of a client', 'median ms', 'longest ms'],
      ['postgres', '1', 'measured', 'opening connections', '5', '0', '0.020', '4.00 to 4.00', '8.00'],
    ])
  })

  test('where nothing is published there is no such column, and the fewest clients are told', () => {
    const run = runByHand()
    delete run.published
    delete run.training
    Object.assign(run.verdict, { trainingMemoryRatio: undefined })
    run.costs = []
    expect(tablesOf(run)['One client']).toEqual([
      ['', 'here'],
      ['postgres, TPS', '1,000'],
      ['postgres, mean latency', '1.00 ms'],
      ['python, TPS', '200'],
      ['python, mean latency', '5.00 ms'],
      ['gap, TPS, postgres ÷ python', even],
    ])
  })

  test('of clients that were not measured nothing is made up', () => {
    const run = runByHand()
    if (run.published) run.published = { ...run.published, clients: 7 }
    // What is published of seven clients says nothing beside one.
    const [, tps, mean] = tablesOf(run)['One client'] ?? []
    expect([tps, mean]).toEqual([
      ['postgres, TPS', '1,000'],
      ['postgres, mean latency', '1.00 ms'],
    ])
  })

  test('at a rate that was given the gap is one of latency: all answer what is due', () => {
    const run = runByHand()
    run.measurement.settings.rate = 100
    for (const gap of run.verdict.gaps) gap.tps = { median: 1, low: 1, high: 1, pairs: 4 }
    const tables = tablesOf(run)
    expect(tables['100 requests a second']?.filter(([name]) => /^gap/.test(name ?? ''))).toEqual([
      ['gap, mean latency, python ÷ postgres', even],
      ['gap net of client cost', '5.11×'],
      ['gap, training memory', '3.00×'],
    ])
    expect(tables['Each side against python; above 1 it wins']?.map(([, , figure]) => figure)).toEqual([
      ...['figure', 'mean latency', 'p50 latency', 'p95 latency', 'p99 latency'],
    ])
    const figure = [...parseHTML(htmlReport(run)).document.querySelectorAll('figure')].find(
      (each) => each.querySelector('h3')?.textContent === 'The gap',
    )
    expect(figure?.querySelector('p')?.textContent).toMatch(/^Mean latency of python ÷ that of each side: /)
    expect(figure?.querySelector('svg')?.textContent).toContain('↑ mean latency of python ÷ a side')
    expect(figure?.querySelector('svg')?.textContent).not.toContain('published')
    expect(markdown(run)).toContain('| gap | clients | mean latency | p50 latency | p95 latency |\n')
    expect(markdown(run)).toContain(
      `| postgres against python | 1 | ${even.replace('[', '\\[').replace(']', '\\]')} |`,
    )
  })

  test('whose the gap is', () => {
    expect(tablesOf(runWithShares())['Their product is the gap']).toEqual([
      ['side', 'clients', 'architecture [95 %]', 'implementation [95 %]'],
      ['postgres', '1', '2.50× [2.50, 2.50]', '2.00× [2.00, 2.00]'],
      ['postgres-fast', '1', '10.0× [10.0, 10.0]', '2.00× [2.00, 2.00]'],
    ])
  })
})

describe('charts of the page', () => {
  const chartsOf = (run: Run) =>
    [...parseHTML(htmlReport(run)).document.querySelectorAll('figure')].map((figure) => {
      const svg = figure.querySelector('svg')
      const [width, height] = ['width', 'height'].map((name) => Number(svg?.getAttribute(name)))
      return {
        ...{ title: figure.querySelector('h3')?.textContent, about: figure.querySelector('p')?.textContent },
        ...{ label: svg?.getAttribute('aria-label'), role: svg?.getAttribute('role'), width, height },
        text: svg?.textContent ?? '',
        key: [...figure.querySelectorAll('.key li')].map((each) => each.textContent),
      }
    })

  test('say what they show, are as tall as they have rows, and name their axes', () => {
    const charts = chartsOf(runByHand())
    expect(charts.map(({ title, about, label }) => [title, about, label])).toEqual([
      [
        'Throughput',
        'Right answers a second, with the 95 % interval of their blocks.',
        'Answers a second of each side, with its 95 % interval',
      ],
      [
        'Latency',
        'As the client sees it, with the 95 % intervals of its blocks.',
        'Latency of each side with its 95 % interval: p50, p95 and p99',
      ],
      [
        'The gap',
        'TPS ÷ that of python: median of the pairs with its 95 % interval.',
        'The gap in TPS by number of clients, with its 95 % interval',
      ],
      [
        'Distribution of latency',
        'At one client, on a logarithmic axis.',
        'Distribution of latency at the fewest clients: share of requests answered within a time',
      ],
      [
        'Where the time goes',
        "A client's time for an answer at the fewest clients, as far as pieces of it were measured; what is not taken apart is named as one.",
        "Where a client's time for an answer goes",
      ],
      [
        'Memory',
        'The most that training ever had resident, and what serving has with so many clients connected, all parts of a side together.',
        'Memory that training and serving had resident, in megabytes',
      ],
      [
        'Over time',
        "A client's time for an answer, turn by turn, at one client: what the machine did to all sides alike.",
        "A client's time for an answer over the time of each session",
      ],
    ])
    expect(charts.map(({ role }) => role)).toEqual(Array(7).fill('img'))
    expect(charts.map(({ width, height }) => [width, height])).toEqual([
      ...[
        [440, 140],
        [440, 264],
        [440, 260],
        [440, 300],
        [440, 140],
        [440, 198],
      ],
      [900, 220],
    ])
    for (const [at, texts] of [
      ['TPS →', 'postgres', 'python'],
      ['ms →', 'p50', 'p95', 'p99'],
      ['clients', "↑ TPS ÷ python's", 'published: 6.9'],
      ['ms →', '↑ % of requests answered within'],
      ['ms →', 'postgres', 'python'],
      ['MB →', 'training', 'serving, one client', '100', '320'],
      ['seconds →', '↑ ms', 'session 1'],
    ].entries())
      for (const text of texts) expect(charts[at]?.text).toContain(text)
    expect(charts[0]?.key).toEqual(['postgres', 'python'])
    expect(charts[4]?.key).toEqual([
      'client and network',
      'server without a row',
      'postgres: the rest',
      'python',
    ])
  })

  test('of several numbers of clients are lines by these', () => {
    const run = runByHand()
    run.measurement.settings.clients = [1, 5]
    run.verdict.figures.push(...run.verdict.figures.map((figures) => ({ ...figures, clients: 5 })))
    const [throughput, latency] = chartsOf(run)
    expect(throughput).toMatchObject({
      about:
        'Right answers a second; a dot for each block, a line for all of them. Diamonds are published, crosses too, with a pool between clients and database.',
      label: 'Requests a second by number of clients, a dot for each block',
      ...{ width: 440, height: 320 },
    })
    expect(latency).toMatchObject({
      about: 'As the client sees it: p50 solid, p95 dashed, p99 dotted.',
      label: 'Latency by number of clients: p50, p95 and p99',
      ...{ width: 440, height: 320 },
    })
    expect(throughput?.text).toContain('↑ TPS')
    expect(latency?.text).toContain('↑ ms')
    expect(tablesOf(run)['As published']?.slice(0, 3)).toEqual([
      ['side', 'clients', 'between', 'TPS'],
      ['postgres', '1', 'nothing', '5,900'],
      ['python', '1', 'nothing', '860'],
    ])
  })
})

test('the page says what it is, what is broken, and how it was measured', () => {
  const run = runByHand()
  run.startedAt = '2026-01-02T03:04:05.000Z'
  const { document } = parseHTML(htmlReport(run))
  const text = (selector: string) => document.querySelector(selector)?.textContent.replace(/\s+/g, ' ')
  expect(text('title')).toBe(`Inference gap: ${sentence(run)}`)
  expect(text('h1')).toBe('Inference gap · 2026-01-02 03:04 UTC')
  expect(text('.verdict')).toBe(`${sentence(run)} ✗`)
  expect(text('header .fail:not(span)')).toBe(
    'These figures mean nothing, for a premise is broken: b: x; most likely cause: y',
  )
  expect([...document.querySelectorAll('h2')].map((each) => each.textContent)).toEqual([
    ...[
      'What was measured',
      'Thresholds',
      'Outside the turns',
      'Premises',
      'Failures',
      'Notes',
      'Method',
      'Run',
    ],
  ])
  expect([...document.querySelectorAll('.notes li')].map((each) => each.textContent)).toEqual([
    '✓ a: so',
    '✗ b: x; most likely cause: y → z',
    '1 of 2 warm-ups ended before the rates were steady (clients: 1)',
  ])
  expect([...document.querySelectorAll('.notes li span')].map((each) => each.className)).toEqual([
    'pass',
    'fail',
  ])
  expect(text('main')).toContain(
    'in turns of milliseconds, in 1 session with a client and, where these are ours, targets started anew, 4 pairs of blocks of 3 s in all at one client. Each pair gives one ratio;',
  )
  expect(text('main')).toContain('In all sessions 99.8 % of 10.8 s are accounted for.')
})

test.each([
  ['pass', 'pass', '✓'],
  ['fail', 'fail', '✗'],
  ['undecided', 'undecided', '?'],
  ['could not measure', 'fail', '✗'],
] as const)('a run that is %s has its sign', (outcome, kind, sign) => {
  const run = runByHand()
  run.verdict.outcome = outcome
  const { document } = parseHTML(htmlReport(run))
  const mark = document.querySelector('.verdict span')
  expect([mark?.className, mark?.textContent]).toEqual([kind, sign])
})

test('sides beside the two are told of beside them', () => {
  const run = runByHand()
  askBeside(run.measurement, 'postgres-fast')
  const [figures] = run.verdict.figures
  if (figures) run.verdict.figures.push({ ...figures, key: 'postgres-fast' })
  expect(tablesOf(run)['By side and number of clients']?.at(-1)?.slice(0, 3)).toEqual([
    ...['postgres-fast', '1', '1,000'],
  ])
})
