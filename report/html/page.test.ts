import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { fullSampleRun, runWithShares, sampleRun } from '../fixture.ts'
import type { Run } from '../run.ts'
import { sentence } from '../terminal.ts'
import { pieces } from './data.ts'
import { html } from './markup.ts'
import { htmlReport } from './page.ts'

const documentOf = (run: Run) => parseHTML(htmlReport(run)).document

test('the verdict comes first, then the published figures beside ours', () => {
  const run = fullSampleRun()
  const document = documentOf(run)
  expect(document.querySelector('.verdict')?.textContent).toContain(sentence(run))
  expect(document.querySelector('header table')?.textContent).toMatch(
    /gap, TPS, postgres ÷ python\s*5\.00× \[5\.00, 5\.00\]\s*6\.90×/,
  )
})

test('every chart has marks, a name for those who do not see it, and a table behind it', () => {
  const document = documentOf(fullSampleRun())
  const figures = [...document.querySelectorAll('figure')]
  expect(figures).toHaveLength(7)
  for (const figure of figures) {
    const svg = figure.querySelector('svg')
    expect(svg?.getAttribute('aria-label')?.length).toBeGreaterThan(10)
    const marks = svg?.querySelectorAll(
      '[aria-label="line"] path, [aria-label="dot"] circle, [aria-label="bar"] rect',
    )
    expect(marks?.length, figure.querySelector('h3')?.textContent ?? '').toBeGreaterThan(0)
    expect(figure.querySelectorAll('details tbody tr').length).toBeGreaterThan(0)
  }
})

const figureOf = (run: Run, title: string) =>
  [...documentOf(run).querySelectorAll('figure')].find(
    (each) => each.querySelector('h3')?.textContent === title,
  )

test('of one number of clients there are bars with intervals, and no dots in an empty frame', () => {
  const run = runWithShares()
  const [throughput, latency] = ['Throughput', 'Latency'].map((title) => figureOf(run, title))
  for (const [figure, bars] of [
    [throughput, 4],
    [latency, 3 * 4],
  ] as const) {
    expect(figure?.querySelectorAll('[aria-label="bar"] rect')).toHaveLength(bars)
    expect(figure?.querySelectorAll('[aria-label="rule"] line')).toHaveLength(bars)
    expect(figure?.querySelectorAll('[aria-label="dot"] circle')).toHaveLength(0)
  }
  // As long as there are answers a second.
  const lengths = [...(throughput?.querySelectorAll('[aria-label="bar"] rect') ?? [])]
    .map((bar) => Number(bar.getAttribute('width')))
    .sort((a, b) => a - b)
  expect(lengths.map((length) => Math.round((length / (lengths[0] as number)) * 200))).toEqual([
    200, 400, 1000, 4000,
  ])
})

test('a single block says nothing of how sure a bar is', () => {
  const figure = figureOf(sampleRun([5]), 'Throughput')
  expect(figure?.querySelectorAll('[aria-label="bar"] rect')).toHaveLength(2)
  expect(figure?.querySelectorAll('[aria-label="rule"] line')).toHaveLength(0)
})

test('of several numbers of clients the published points are in the chart of throughput, and only there', () => {
  const run = sampleRun()
  const { measurement, verdict } = run
  measurement.settings.clients = [1, 5]
  verdict.figures.push(...verdict.figures.map((figures) => ({ ...figures, clients: 5 })))
  const figure = figureOf(run, 'Throughput')
  const points = run.published?.curve?.length as number
  expect(points).toBe(5)
  const marks = [...(figure?.querySelectorAll('[aria-label="dot"]') ?? [])]
  expect(marks[1]?.querySelectorAll('path')).toHaveLength(2 * points)
  expect(figure?.querySelectorAll('[aria-label="x-axis tick label"] text')).toHaveLength(
    new Set([1, 5, 10, 20, 100]).size,
  )
  expect(figure?.textContent).toContain('Diamonds are published')
  expect(figure?.textContent).toMatch(/postgres\s*10\s*nothing\s*32,300/)
  delete run.published
  expect(figureOf(run, 'Throughput')?.textContent).not.toContain('published')
})

test('the gap is shown as the product of two factors', () => {
  const figure = figureOf(runWithShares(), 'Whose the gap is')
  const bars = [...(figure?.querySelectorAll('[aria-label="bar"] rect') ?? [])].map((bar) => ({
    x: Number(bar.getAttribute('x')),
    width: Number(bar.getAttribute('width')),
  }))
  // Postgres: 2.5 × 2, the fast one 10 × 2; on an axis of ratios.
  expect(bars).toHaveLength(4)
  const [own, implementation, fast] = bars as [(typeof bars)[0], (typeof bars)[0], (typeof bars)[0]]
  expect(own.width / implementation.width).toBeCloseTo(Math.log(2.5) / Math.log(2))
  expect(fast.width / implementation.width).toBeCloseTo(Math.log(10) / Math.log(2))
  expect(implementation.x).toBeCloseTo(own.x + own.width)
  expect(figure?.textContent).toMatch(/postgres\s*1\s*2\.50× \[2\.50, 2\.50\]\s*2\.00× \[2\.00, 2\.00\]/)
})

test.each([
  ['has no end', [5]],
  ['reaches far', [2, 9]],
])('an interval that %s leaves the medians their room', (_, gaps) => {
  const run = sampleRun(gaps)
  const document = documentOf(run)
  const figure = [...document.querySelectorAll('figure')].find((each) => /^The gap/.test(each.textContent))
  expect(figure?.textContent).toContain('One that ends at the upper edge goes on beyond it.')
  const marks = [...(figure?.querySelectorAll('[aria-label="dot"] circle') ?? [])]
  const height = Number(figure?.querySelector('svg')?.getAttribute('height'))
  for (const mark of marks) {
    expect(Number(mark.getAttribute('cy'))).toBeGreaterThan(0)
    // In the upper five sixths, not pressed upon the axis.
    expect(Number(mark.getAttribute('cy'))).toBeLessThan((height * 5) / 6)
  }
  expect(marks.length).toBeGreaterThan(0)
  expect(documentOf(sampleRun()).querySelector('main')?.textContent).not.toContain('ends at the upper edge')
})

test("the memory chart's key names what it has bars of", () => {
  const run = fullSampleRun()
  const [figures] = run.verdict.figures
  if (figures) run.verdict.figures.push({ ...figures, key: 'postgres-fast' })
  expect(documentOf(run).querySelector('.key')?.textContent).toContain('postgres-fast')
  const figure = [...documentOf(run).querySelectorAll('figure')].find((each) =>
    /^Memory/.test(each.textContent),
  )
  expect([...(figure?.querySelectorAll('.key li') ?? [])].map((each) => each.textContent)).toEqual([
    'postgres',
    'python',
  ])
})

test('nothing is fetched and nothing runs', () => {
  const document = documentOf(fullSampleRun())
  expect(document.querySelectorAll('script, iframe, object, [onclick], [onload]')).toHaveLength(0)
  for (const element of document.querySelectorAll('[src], [href]'))
    expect(element.getAttribute('href') ?? element.getAttribute('src')).toMatch(/^(data:|#)/)
  expect(
    document.querySelector('meta[http-equiv="Content-Security-Policy"]')?.getAttribute('content'),
  ).toContain("default-src 'none'")
})

test('text from targets stays text', () => {
  const run = fullSampleRun()
  run.targets.python = '<script>alert(1)</script>'
  run.versions['<b>'] = '"&'
  const document = documentOf(run)
  expect(document.querySelectorAll('script, td b')).toHaveLength(0)
  expect(document.querySelector('main')?.textContent).toContain('<script>alert(1)</script>')
  expect(html`<a title="${'"><b>'}">${"'"}</a>`.text).toBe('<a title="&quot;&gt;&lt;b&gt;">&#39;</a>')
})

test('a broken premise and a crossed threshold cannot be overlooked', () => {
  const run = sampleRun([0.5, 0.5])
  run.premises = [{ name: 'keep-alive', holds: false, seen: '1000 connections' }]
  const header = documentOf(run).querySelector('header')
  expect(header?.querySelector('.fail')?.textContent).toContain('✗')
  expect(header?.textContent).toContain('These figures mean nothing')
  expect(documentOf(run).querySelectorAll('main span.fail').length).toBeGreaterThan(1)
})

test('the pieces of an answer add up to what was seen', () => {
  const run = fullSampleRun()
  const sum = (side: string) =>
    pieces(run)
      .filter(({ key }) => key === side)
      .reduce((total, { ms }) => total + ms, 0)
  expect(sum('postgres')).toBeCloseTo(1)
  expect(sum('python')).toBeCloseTo(5)
  // What is not taken apart is named as one: of a side with parts the rest, of one without the whole.
  expect(pieces(run).map(({ key, part, ms }) => [key, part, ms.toFixed(3)])).toEqual([
    ['postgres', 'client and network', '0.100'],
    ['postgres', 'server without a row', '0.200'],
    ['postgres', 'postgres: the rest', '0.700'],
    ['python', 'client and network', '0.400'],
    ['python', 'python', '4.600'],
  ])
})

test('a run without training or client cost has its other charts', () => {
  const run = sampleRun()
  delete run.training
  delete run.serving
  run.costs = []
  expect(documentOf(run).querySelectorAll('figure')).toHaveLength(5)
})
