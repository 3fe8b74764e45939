import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { costs, curves, latencyRows, limitedOf } from './data.ts'
import {
  fullSampleCapacityRun,
  realisticCapacityRun,
  sampleCapacityRun,
  unreachedCapacityRun,
} from './fixture.ts'
import { capacityHtml } from './html.ts'
import type { CapacityRun } from './run.ts'
import { sentence } from './words.ts'

const documentOf = (run: CapacityRun) => parseHTML(capacityHtml(run)).document
const titles = (run: CapacityRun) =>
  [...documentOf(run).querySelectorAll('figure h3')].map((each) => each.textContent)

test('the sentence comes first, then each side', () => {
  const run = fullSampleCapacityRun()
  const document = documentOf(run)
  expect(document.querySelector('.verdict')?.textContent).toContain(sentence(run))
  expect(document.querySelector('header table')?.textContent).toMatch(/4,120 \[4,010, 4,230\]\s*4,010/)
})

type Cells = readonly string[]

/** The tables by their captions, each with its rows, the head first. */
const tablesOf = (document: ReturnType<typeof documentOf>) =>
  new Map(
    [...document.querySelectorAll('table')].map((table): [string, Cells[]] => [
      table.querySelector('caption')?.textContent ?? '',
      [...table.querySelectorAll('tr')].map((row) =>
        [...row.querySelectorAll('th, td')].map((cell) => cell.textContent),
      ),
    ]),
  )

const rateHead = [
  ...['requests a second', '', 'p99<10ms [95 %]', 'p50 ms', 'p99 ms', 'answered ÷ due'],
  ...['client late, p99 ms', 'null server, p99 ms', 'found no client free', 'rounds', ''],
]
const undecided = 'p99<10ms: 99 % of what it allows (80 % to 120 %)'

test.each<[caption: string, rows: number, head: Cells, row: Cells, at?: number]>([
  [
    'Requests a second at which each side holds its objective, and the 95 % interval',
    ...([2, ['side', 'objective', 'capacity', 'confirmed at', 'most in the closed model']] as const),
    ['postgres', 'p99<10ms', '4,120 [4,010, 4,230]', '4,010', '4,847'],
  ],
  [
    'Ratio of capacities, of rounds in which both took part',
    ...([1, ['', 'median [95 %]'], ['postgres ÷ python', '4.10× [3.90, 4.30]']] as const),
  ],
  [
    ...(['postgres: p99<10ms', 4, rateHead] as const),
    ['4,010', '✓ holds', '99.5 % [99.3, 99.7]', '1.52', '9.10', '99.9 %', '0.120', '0.340', '0 %', '6', ''],
    2,
  ],
  [
    ...(['python: p99<10ms', 4, rateHead] as const),
    [
      ...['1,005', '? undecided', '99.01 % [98.81, 99.21]', '1.65', '9.90', '99.9 %'],
      ...['0.120', '0.340', '0 %', '6', undecided],
    ],
    3,
  ],
  [
    ...(['Requests a second by number of clients', 6] as const),
    ['side', 'clients', 'measured', 'fitted', 'residual'],
    ['postgres', '10', '4,120', '4,120', '0 %'],
    2,
  ],
  [
    ...(['The law, X(N) = γN ÷ (1 + α(N − 1) + βN(N − 1)), with 95 % intervals', 2] as const),
    ['side', 'γ, one client', 'α, contention', 'β, coherency'],
    ['python', '402 [362, 442]', '0.333 [0.3, 0.367]', '0 [0, 0]'],
    2,
  ],
  [
    // 12,500 ÷ (0.7 × 4,120) is 4.3, so 5 hosts and one to spare at 0.34: at a quarter of the demand, and so on.
    ...(["Cost an hour of all hosts [at the ends of the capacity's interval]", 8] as const),
    ['predictions a second', 'postgres', 'python'],
    ['12,500', '2.04 [2.04, 2.04]', '6.46 [6.46, 6.80]'],
  ],
  [
    ...(['50,000 predictions a second, 30 % headroom, 1 spare, prices in USD', 2] as const),
    ['side', 'hosts', '[95 %]', 'use', 'spare lost', 'an hour', 'a month', 'a million'],
    ['postgres', '19', '[18, 19]', '63.9 %', '67.4 %', '6.46', '4,716', '0.03589'],
  ],
  [
    ...(['Fresh sessions: a client and, where these are ours, targets started anew', 2] as const),
    ...([['side', 'requests a second', 'held'], ['python', '980', '5 of 5'], 2] as const),
  ],
  [
    ...(['postgres at 4,010 requests a second', 8, ['', 'used']] as const),
    ["the machine's 2 processors", '95 % busy, 1 % stolen'],
    3,
  ],
  [
    ...(['What thresholds.json expects', 2, ['threshold', 'measured', 'bound', '', '']] as const),
    ['capacity.postgres.minRate', '4,120/s [4,010, 4,230]', '≥ 3,000/s', '✓ holds', ''],
  ],
])('%s: each column says what its head does', (caption, rows, head, row, at = 1) => {
  const [first, ...others] = tablesOf(documentOf(fullSampleCapacityRun())).get(caption) ?? []
  expect(first).toEqual(head)
  expect(others).toHaveLength(rows)
  expect(others[at - 1]).toEqual(row)
})

test('what took part, how it was asked, and how that is repeated', () => {
  const run = fullSampleCapacityRun()
  Object.assign(run.settings, { clients: 100, block: 2, sessions: 1, seconds: 301.4, seed: 7 })
  const facts = new Map(tablesOf(documentOf(run)).get('What took part') as [string, string][])
  expect(facts.get('machine')).toContain('2 cores, 25.0 GB')
  expect(facts.get('asked')).toBe(
    'at most 100 clients, 2.00 s of each side in a round, 1 session, 301 s in all',
  )
  expect([facts.get('seed'), facts.get('repeat')]).toEqual(['7', run.command])
  run.settings.sessions = 3
  expect(tablesOf(documentOf(run)).get('What took part')?.join()).toContain('3 sessions, 301 s')
})

test('headings stand in order, and only above what there is', () => {
  const headings = (run: CapacityRun) =>
    [...documentOf(run).querySelectorAll('h2')].map((each) => each.textContent)
  expect(headings(fullSampleCapacityRun())).toEqual([
    ...['What was measured', 'Hosts', 'Several keys at once', 'Confirmation'],
    ...['What is used at the highest rate that held', 'Thresholds', 'Premises', 'Method', 'Run'],
  ])
  const bare = { ...sampleCapacityRun(), confirmations: [], resources: [] }
  bare.verdict = { ...bare.verdict, checks: [] }
  expect(headings(bare)).toEqual(['What was measured', 'Premises', 'Method', 'Run'])
})

test('a premise is told with its sign, and a broken one before all figures, with what to do', () => {
  const run = sampleCapacityRun()
  const broken = { holds: false, seen: '3 of 7', cause: 'it is cold', next: 'Warm it' }
  run.premises = [
    { name: 'steady', holds: true, seen: 'all 7' },
    ...['answers', 'prepared'].map((name) => ({ name, ...broken })),
  ]
  const document = documentOf(run)
  const told = [...document.querySelectorAll('main ul.notes li')].map((each) => each.textContent)
  expect(told).toEqual([
    '✓ steady: all 7',
    '✗ answers: 3 of 7; most likely cause: it is cold → Warm it',
    '✗ prepared: 3 of 7; most likely cause: it is cold → Warm it',
  ])
  const signs = [...document.querySelectorAll('main ul.notes span')].map((each) => each.className)
  expect(signs).toEqual(['pass', 'fail', 'fail'])
  expect(document.querySelector('header .fail')?.textContent).toBe(
    'These figures mean nothing, for a premise is broken: answers: 3 of 7; most likely cause: it is cold; ' +
      'prepared: 3 of 7; most likely cause: it is cold',
  )
  run.premises = [{ name: 'steady', holds: true, seen: 'all 7' }]
  expect(documentOf(run).querySelector('header .fail')).toBeNull()
})

test('what could not be asked afterwards has a table of its own', () => {
  const run = { ...sampleCapacityRun(), missed: [{ what: 'postgres', kind: 'ECONNREFUSED', message: 'no' }] }
  const table = tablesOf(documentOf(run)).get('What failed: what could not be asked once the load was over')
  expect(table?.[0]?.slice(0, 2)).toEqual(['side', 'kind'])
  expect(table?.[1]?.slice(0, 3)).toEqual(['postgres', 'ECONNREFUSED', '1'])
})

test('where there is no figure there is a dash, and nothing is drawn of what was not asked', () => {
  const run = fullSampleCapacityRun()
  const [postgres, python] = run.sides as [CapacityRun['sides'][0], CapacityRun['sides'][0]]
  delete postgres.confirmed
  delete postgres.rates[0]?.client.nullP99Ms
  run.scaling = []
  const tables = tablesOf(documentOf(run))
  const first = (caption: string) => [...tables].find(([name]) => name.startsWith(caption))?.[1][1]
  expect(first('Requests a second at which')?.[3]).toBe('–')
  expect(first('postgres: p99')?.[7]).toBe('–')
  expect(first('Requests a second by number')?.slice(2)).toEqual(['1,648', '–', '–'])
  expect(first('The law')).toBeUndefined()
  Object.assign(python, { rates: [], closed: [] })
  expect(titles(run)).toEqual(
    expect.arrayContaining(['Latency of postgres by rate', 'Throughput by clients']),
  )
  expect(titles(run)).not.toContain('Latency of python by rate')
  Object.assign(postgres, { closed: [] })
  expect(titles(run)).not.toContain('Throughput by clients')
})

test('the page is called by what was found, and says when that was', () => {
  const run = sampleCapacityRun()
  const document = documentOf(run)
  expect(document.title).toBe(`Capacity: ${sentence(run)}`)
  expect(document.querySelector('h1')?.textContent).toBe('Capacity · 2026-01-02 03:04 UTC')
  // Each sign of the chart has its word, in the colour of its verdict.
  const signs = [...document.querySelectorAll('figure ul.key')]
    .slice(0, 1)
    .flatMap((each) => [...each.querySelectorAll('li')])
  expect(signs.map((each) => each.textContent)).toEqual(['○ holds', '△ undecided', '✕ crossed'])
  expect(signs.map((each) => each.querySelector('b')?.className)).toEqual(['pass', 'undecided', 'fail'])
})

test('what the charts show is told in words above them', () => {
  const about = (run: CapacityRun) =>
    [...documentOf(run).querySelectorAll('figure')].map((each) => each.querySelector('p')?.textContent)
  const [latency, , throughput, cost] = about(fullSampleCapacityRun())
  expect(latency).toBe(
    'p99<10ms, on a logarithmic axis. The thin line is the nearest to all points that never falls. ' +
      'The thick one is the capacity, the band its 95 % interval.',
  )
  expect(throughput).toContain('Rings are measured; the line is the Universal Scalability Law')
  expect(about(sampleCapacityRun())[2]).toMatch(/Rings are measured\.$/)
  expect(cost).toContain('The dashed line is the demand that was asked for.')
  expect(about(unreachedCapacityRun())[0]).toContain('The dotted line is what it does at least.')
  const method = (arrivals: 'even' | 'poisson') => {
    const run = sampleCapacityRun()
    run.settings.arrivals = arrivals
    return documentOf(run).querySelector('main')?.textContent
  }
  expect(method('even')).toContain('Requests were due at even arrivals')
  expect(method('poisson')).toContain('Requests were due at Poisson arrivals')
})

test('every chart has marks, a name for those who do not see it, and a table behind it', () => {
  const run = fullSampleCapacityRun()
  const figures = [...documentOf(run).querySelectorAll('figure')]
  expect(titles(run)).toEqual([
    'Latency of postgres by rate',
    'Latency of python by rate',
    'Throughput by clients',
    'Cost by demand',
    'Predictions a second',
  ])
  for (const figure of figures) {
    const svg = figure.querySelector('svg')
    expect(svg?.getAttribute('aria-label')?.length).toBeGreaterThan(10)
    expect(svg?.querySelectorAll('[aria-label="line"] path').length).toBeGreaterThan(0)
    expect(svg?.outerHTML).not.toContain('NaN')
    expect(figure.querySelectorAll('details tbody tr').length).toBeGreaterThan(0)
  }
})

test('a point for each rate by its verdict, the limit as a line, the interval as a band', () => {
  const svg = documentOf(sampleCapacityRun()).querySelector('figure svg')
  const dots = [...(svg?.querySelectorAll('[aria-label="dot"]') ?? [])]
  expect(dots.map((each) => each.querySelectorAll('path, circle').length)).toEqual([2, 1, 1])
  expect(svg?.textContent).toContain('limit: 10 ms')
  expect(svg?.querySelectorAll('[aria-label="rect"] rect')).toHaveLength(1)
  const band = svg?.querySelector('[aria-label="rect"] rect')
  const line = svg?.querySelector('[aria-label="rule"] line')
  const [left, width, capacity] = [
    band?.getAttribute('x'),
    band?.getAttribute('width'),
    line?.getAttribute('x1'),
  ].map(Number) as [number, number, number]
  // The interval is [4,010, 4,230]: exactly in its midst is 4,120, on an axis that is not logarithmic.
  expect(capacity).toBeCloseTo(left + width / 2, 0)
})

test('without a capacity there is no band, and it is said why', () => {
  const document = documentOf(unreachedCapacityRun())
  expect(document.querySelectorAll('[aria-label="rect"] rect')).toHaveLength(0)
  expect(document.querySelector('header')?.textContent).toContain('at least 4,010, client-limited')
  expect(document.querySelector('main')?.textContent).toContain('There is no capacity: no rate confirmed.')
})

test('the fit goes through rates where latency rises, and halfway where it falls', () => {
  const [side] = sampleCapacityRun().sides
  if (!side) throw new Error('no side')
  // Of two rates with the same number of requests, on a logarithmic axis: √(4 × 16) = 8.
  for (const [index, p99] of [2, 16, 4, 20].entries())
    Object.assign(side.rates[index] ?? {}, { due: 100, latencyMs: { p99 } })
  const fitted = latencyRows(side, 'p99').map((row) => Number(row.fitted.toFixed(9)))
  expect(fitted).toEqual([2, 8, 8, 20])
  // What was asked for more often counts for more; what answered nothing is no point.
  Object.assign(side.rates[1] ?? {}, { due: 300 })
  Object.assign(side.rates[3] ?? {}, { latencyMs: { p99: Number.NaN } })
  const weighted = latencyRows(side, 'p99').map((row) => row.fitted)
  expect(weighted).toHaveLength(3)
  expect(weighted[1]).toBeCloseTo(16 ** 0.75 * 4 ** 0.25, 9)
})

test('of the law nothing is drawn beyond twice the most clients that were measured', () => {
  const run = realisticCapacityRun()
  for (const { law } of run.scaling ?? [])
    if ('curve' in law) law.curve.push({ clients: 201, value: 1e6, low: 1e6, high: 1e6 })
  for (const side of ['postgres', 'python']) {
    const own = curves(run).filter(({ key }) => key === side)
    expect(own[0]?.clients).toBe(1)
    expect(own.at(-1)?.clients).toBe(200)
    expect(own.length).toBeGreaterThan(30)
  }
  const figure = [...documentOf(run).querySelectorAll('figure')].find((each) =>
    each.textContent.startsWith('Throughput by clients'),
  )
  expect(figure?.querySelectorAll('[aria-label="line"] path')).toHaveLength(2)
  expect(figure?.querySelectorAll('[aria-label="area"] path')).toHaveLength(2)
  expect(figure?.querySelectorAll('[aria-label="dot"] circle')).toHaveLength(10)
})

test('several keys at once have their rows, as in every other form', () => {
  const document = documentOf(realisticCapacityRun())
  const table = [...document.querySelectorAll('table')].find((each) =>
    each.querySelector('caption')?.textContent.startsWith('By how many keys'),
  )
  expect(table?.querySelector('caption')?.textContent).toContain('20 clients; latency is that of a whole')
  const cells = [...(table?.querySelectorAll('tr') ?? [])].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent),
  )
  expect(cells).toHaveLength(7)
  expect(cells[0]?.slice(0, 4)).toEqual(['keys', 'side', 'predictions/s', 'requests/s'])
  // 4,600 of single keys, 5 to the power of 0.8 as many of five.
  expect(cells[3]?.slice(0, 4)).toEqual(['5', 'postgres', '16,670', '3,334'])
})

test('a column for what there is instead of a capacity only where there is something', () => {
  expect(
    documentOf(realisticCapacityRun()).querySelector('header thead')?.children[0]?.children,
  ).toHaveLength(5)
  expect(
    documentOf(unreachedCapacityRun()).querySelector('header thead')?.children[0]?.children,
  ).toHaveLength(6)
})

test('cost by demand steps with each host, at its price', () => {
  // 0.34 an hour a host; 4,120/s with 30 % headroom is 2,884/s a host; one to spare.
  const rows = costs(fullSampleCapacityRun()).filter(({ key }) => key === 'postgres')
  for (const { demand, hour, low, high } of rows) {
    expect(hour).toBeCloseTo(0.34 * (Math.ceil(demand / 2884) + 1))
    expect(low).toBeLessThanOrEqual(hour)
    expect(high).toBeGreaterThanOrEqual(hour)
  }
  expect(rows.at(-1)?.demand).toBe(100_000)
  expect(costs(sampleCapacityRun())).toEqual([])
})

test.each([
  ['p99<10ms', { figure: 'p99', limitMs: 10 }],
  ['failures<1%,p95<2s', { figure: 'p95', limitMs: 2000 }],
  ['mean<3ms', { figure: 'mean', limitMs: 3 }],
  ['p99.9<3ms', { figure: 'p99' }],
])('the chart of %s is of a latency that is known', (objective, expected) => {
  const [side] = sampleCapacityRun().sides
  if (side) expect(limitedOf({ ...side, objective })).toEqual(expected)
})

test('a search without law or plan has its other charts', () => {
  const run = sampleCapacityRun()
  expect(titles(run)).toHaveLength(3)
  run.scaling = [{ side: 'postgres', law: { impossible: 'There are too few' } }]
  expect(documentOf(run).querySelector('main')?.textContent).toContain(
    'postgres: no law was fitted. There are too few.',
  )
})

test('nothing is fetched, nothing runs, and text from targets stays text', () => {
  const run = fullSampleCapacityRun()
  run.targets.python = '<script>alert(1)</script>'
  run.premises = [{ name: 'keep-alive', holds: false, seen: '1000 connections' }]
  const document = documentOf(run)
  expect(document.querySelectorAll('script, iframe, object, [onclick], [onload]')).toHaveLength(0)
  for (const element of document.querySelectorAll('[src], [href]'))
    expect(element.getAttribute('href') ?? element.getAttribute('src')).toMatch(/^(data:|#)/)
  expect(document.querySelector('main')?.textContent).toContain('<script>alert(1)</script>')
  expect(document.querySelector('header')?.textContent).toContain('These figures mean nothing')
})
