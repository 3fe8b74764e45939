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
