/** A page of three sides and two numbers of clients, where what belongs to one could be told of another. */
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { runByHand, runWithShares } from '../fixture.ts'
import type { Run } from '../run.ts'
import { tablesOn } from './fixture.ts'
import { htmlReport } from './page.ts'

const ratio = (median: number) => ({ median, low: median, high: median, pairs: 4 })

/** `lean` stands between the two; to five clients all answer twice as much, in ten times the time. */
function threeSides(): Run {
  const run = runByHand()
  const { measurement, verdict } = run
  const [sql] = measurement.workload.asked
  if (sql) measurement.workload.asked.push({ ...sql, key: 'lean', base: 'lean' })
  measurement.settings.sides = ['postgres', 'lean', 'python']
  measurement.settings.clients = [5, 1]
  const [first, last] = verdict.figures
  const [gap] = verdict.gaps
  if (!first || !last || !gap) throw new Error('nothing was measured')
  const lean = { ...first, key: 'lean', tps: 400, latencyMs: { ...first.latencyMs, mean: 2.5 } }
  const few = [first, lean, last]
  verdict.figures = [
    ...few.map((each) => ({
      ...{ ...each, clients: 5, tps: 2 * each.tps },
      latencyMs: { ...each.latencyMs, mean: 10 * each.latencyMs.mean },
    })),
    ...few,
  ]
  const gapOf = (key: string, clients: number, median: number) => ({
    ...{ ...gap, key, clients, tps: ratio(median) },
  })
  verdict.gaps = [gapOf('postgres', 5, 6), gapOf('lean', 5, 3), gapOf('lean', 1, 2), gapOf('postgres', 1, 5)]
  return run
}

const documentOf = (run: Run) => parseHTML(htmlReport(run)).document
const figureOf = (run: Run, title: string) =>
  [...documentOf(run).querySelectorAll('figure')].find(
    (each) => each.querySelector('h3')?.textContent === title,
  )
const headings = (run: Run, of: string) =>
  [...documentOf(run).querySelectorAll(of)].map((each) => each.textContent)

test('each side has its own figures; published is the gap of the first alone', () => {
  expect(tablesOn(htmlReport(threeSides()))['One client, beside the published benchmark']).toEqual([
    ['', 'here', 'published'],
    ['postgres, TPS', '1,000', '5,927'],
    ['postgres, mean latency', '1.00 ms', '0.169 ms'],
    ['lean, TPS', '400', '–'],
    ['lean, mean latency', '2.50 ms', '–'],
    ['python, TPS', '200', '859'],
    ['python, mean latency', '5.00 ms', '1.16 ms'],
    ['gap, TPS, postgres ÷ python', '5.00× [5.00, 5.00]', '6.90×'],
    ['gap net of client cost', '5.11×', '–'],
    ['gap, TPS, lean ÷ python', '2.00× [2.00, 2.00]', '–'],
    ['gap, training memory', '3.00×', '2.23×'],
  ])
})

test('where nothing is published the fewest clients are told of, and a gap that nobody measured is none', () => {
  const run = threeSides()
  delete run.published
  run.costs = []
  run.verdict.gaps.pop()
  expect(tablesOn(htmlReport(run))['One client']).toEqual([
    ['', 'here'],
    ['postgres, TPS', '1,000'],
    ['postgres, mean latency', '1.00 ms'],
    ['lean, TPS', '400'],
    ['lean, mean latency', '2.50 ms'],
    ['python, TPS', '200'],
    ['python, mean latency', '5.00 ms'],
    ['gap, TPS, postgres ÷ python', '–'],
    ['gap, TPS, lean ÷ python', '2.00× [2.00, 2.00]'],
    ['gap, training memory', '3.00×'],
  ])
})

test('of a published benchmark that has no gaps none is told', () => {
  const run = threeSides()
  const { gap: _, ...published } = run.published as NonNullable<Run['published']>
  run.published = published
  const rows = tablesOn(htmlReport(run))['One client, beside the published benchmark']
  expect(rows?.filter(([name]) => /^gap, t/i.test(name ?? ''))).toEqual([
    ['gap, TPS, postgres ÷ python', '5.00× [5.00, 5.00]', '–'],
    ['gap, TPS, lean ÷ python', '2.00× [2.00, 2.00]', '–'],
    ['gap, training memory', '3.00×', '–'],
  ])
})

test('charts say against whom a gap is, how many clients were fewest, and that one interval goes on', () => {
  const run = threeSides()
  const [many] = run.verdict.gaps
  if (many) many.tps.high = 1000
  expect(figureOf(run, 'The gap')?.querySelector('p')?.textContent).toBe(
    'TPS ÷ that of python: median of the pairs with its 95 % interval. One that ends at the upper edge goes on beyond it.',
  )
  expect(figureOf(run, 'The gap')?.querySelector('caption')?.textContent).toBe(
    'Each side against python; above 1 it wins',
  )
  expect(figureOf(run, 'Distribution of latency')?.querySelector('p')?.textContent).toBe(
    'At one client, on a logarithmic axis.',
  )
  expect(figureOf(run, 'Over time')?.querySelector('p')?.textContent).toContain(
    'turn by turn, at one client:',
  )
  run.verdict.gaps = []
  expect(figureOf(run, 'The gap')).toBeUndefined()
  delete run.published
  expect(figureOf(run, 'Throughput')?.querySelector('p')?.textContent).toBe(
    'Right answers a second; a dot for each block, a line for all of them.',
  )
  expect(documentOf(run).querySelector('main')?.textContent).toContain('at each of 5, 1 clients.')
})

test('whose the gap is: each factor in its colour, by whom it was found out', () => {
  const run = runWithShares()
  run.measurement.settings.sides = ['postgres', 'postgres', 'python']
  const figure = figureOf(run, 'Whose the gap is')
  expect(figure?.querySelector('p')?.textContent).toBe(
    "The gap in TPS has two factors: what a side gains on python-fast is the architecture's, and what that gains on python is the implementation's.",
  )
  expect(figure?.querySelector('.key')?.outerHTML).toBe(
    '<ul class="key"><li><i style="background:var(--part-3)"></i>architecture</li><li><i style="background:var(--part-6)"></i>implementation</li></ul>',
  )
})

test('of two other builds of the last side each has a chart of its own', () => {
  const run = runWithShares()
  run.verdict.shares?.push(...run.verdict.shares.map((share) => ({ ...share, by: 'python-lean' })))
  const figures = [...documentOf(run).querySelectorAll('figure')].filter(
    (each) => each.querySelector('h3')?.textContent === 'Whose the gap is',
  )
  expect(figures.map((each) => /gains on (\S+) is the arch/.exec(each.textContent)?.[1])).toEqual([
    ...['python-fast', 'python-lean'],
  ])
  // Two sides, two factors each: more would lie upon each other.
  for (const figure of figures) expect(figure.querySelectorAll('[aria-label="bar"] rect')).toHaveLength(4)
})

test('of one side there are no pairs; turns that several share are not short; without bounds none are listed', () => {
  const run = runByHand()
  const said = () => documentOf(run).querySelector('main')?.textContent ?? ''
  expect(said()).toContain('All sides were asked the same keys in turns of milliseconds, in 1 session')
  run.measurement.settings.clients = [1, 5]
  run.measurement.settings.sides = ['python']
  run.measurement.parts = []
  run.verdict.gaps = []
  run.verdict.checks = []
  expect(said()).toContain('The side was asked in turns, in 1 session')
  expect(said()).toContain('4 blocks of 3 s in all at each of 1, 5 clients. Percentiles')
  expect(said()).not.toMatch(/pair gives|thresholds\.json/)
})

test('a run without a single answer has a page, and no tick that is no number', () => {
  const run = runByHand()
  const none = { mean: Number.NaN, p50: Number.NaN, p95: Number.NaN, p99: Number.NaN, max: Number.NaN }
  for (const figures of run.verdict.figures) Object.assign(figures, { tps: 0, latencyMs: none })
  Object.assign(run, { verdict: { ...run.verdict, gaps: [] }, costs: [] })
  expect(figureOf(run, 'Throughput')?.querySelector('svg')?.textContent).toContain('0.4')
  expect(htmlReport(run)).not.toMatch(/NaN|Infinity|undefined/)
})

test('turns are counted by side and session, with the least and the most of each', () => {
  const run = runByHand()
  for (const block of run.measurement.blocks) {
    block.session = block.pair > 2 ? 2 : 1
    const factor = (block.key === 'python' ? 10 : 1) * block.session
    block.turns = [1, 2].map((turn) => ({ endMs: turn * 100, requests: 10, busyMs: 10 * turn * factor }))
  }
  // Two blocks of each side in a session, two turns in each block.
  expect(tablesOn(htmlReport(run))['By session']?.slice(1)).toEqual([
    ['postgres', '1', '4', '1.00', '2.00'],
    ['postgres', '2', '4', '2.00', '4.00'],
    ['python', '1', '4', '10.0', '20.0'],
    ['python', '2', '4', '20.0', '40.0'],
  ])
})

test('all premises that are broken are named above, and none where all hold', () => {
  const run = runByHand()
  const [, broken] = run.premises
  if (broken) run.premises.push({ ...broken, name: 'c' })
  const above = () => documentOf(run).querySelector('header .fail:not(span)')?.textContent
  expect(above()).toContain(': b: x; most likely cause: y; c: x; most likely cause: y')
  run.premises = [{ name: 'a', holds: true, seen: 'so' }]
  run.measurement.warmups = []
  expect(above()).toBeUndefined()
  expect(headings(run, 'h2')).toContain('Premises')
  expect(headings(run, 'h2')).not.toContain('Notes')
})

test('what took part: also who shared the run and of what the rate was a share; and no more than there was', () => {
  const run = runByHand()
  const all = () =>
    tablesOn(htmlReport(run))
      ['What took part']?.slice(1)
      .map(([name]) => name)
  const facts = ['versions', 'query mode', 'seed', 'parity', 'repeat']
  expect(all()).toEqual(['machine', 'postgres', 'python', 'between', ...facts])
  run.offered = { share: 0.8, of: 'python', capacity: 200, clients: 1 }
  run.measurement.parts = [
    {
      ...{ part: 1, of: 2, session: 1, startAt: '2026-01-02T03:04:05.000Z', turnMs: 100, turns: 4, late: 0 },
      ...{ skew: null, machine: { host: 'load-1', cores: 2 }, made: { program: '', workload: '', keys: '' } },
    },
  ]
  expect(all()).toEqual(['machine', 'postgres', 'python', 'parts', 'between', 'offered', ...facts])
  const rows = tablesOn(htmlReport(run))['What took part']
  expect(rows?.find(([name]) => name === 'offered')?.[1]).toBe(
    '80 % of the 200 requests a second that python served to one client of a closed model just before',
  )
  expect(rows?.find(([name]) => name === 'parts')?.[1]).toMatch(/^session 1, part 1 of 2: load-1, 2 cores/)
  for (const name of ['between', 'offered', 'parity'] as const) delete run[name]
  delete run.measurement.parts
  for (const side of run.measurement.workload.asked) delete side.mode
  expect(all()).toEqual(['machine', 'postgres', 'python', 'versions', 'seed', 'repeat'])
})
