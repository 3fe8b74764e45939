import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import { chartsRead } from '../html/fixture.ts'
import { sampleTrainingRun } from './fixture.ts'
import { trainingHtml } from './html.ts'
import type { TrainingRun } from './run.ts'
import { sentence } from './words.ts'

const documentOf = (run: TrainingRun) => parseHTML(trainingHtml(run)).document
const cellsOf = (run: TrainingRun, where: string) =>
  [...documentOf(run).querySelectorAll(`${where} tr`)].map((row) =>
    [...row.querySelectorAll('th, td')].map((cell) => cell.textContent),
  )

test('the sentence comes first, then every size, the smallest first, and what was published', () => {
  const run = sampleTrainingRun()
  expect(documentOf(run).querySelector('.verdict')?.textContent).toBe(`${sentence(run)} ✗`)
  expect(cellsOf(run, 'header')).toEqual([
    ['rows', 'database', 'plain', 'lean', 'plain ÷ database', 'lean ÷ database'],
    ['4,000', '100', '600', '150', '6.00×', '1.50×'],
    ['28,000', '200', '1,200', '150', '6.00×', '0.750×'],
    ['published', '–', '–', '–', '2.20×', '–'],
  ])
})

test('every chart has a line a way and a dot a size, a name for those who do not see it, and a table', () => {
  const figures = [...documentOf(sampleTrainingRun()).querySelectorAll('figure')]
  const drawn = figures.map((figure) => {
    const svg = figure.querySelector('svg')
    expect(svg?.getAttribute('aria-label')?.length).toBeGreaterThan(10)
    expect(svg?.outerHTML).not.toContain('NaN')
    expect(figure.querySelectorAll('details tbody tr').length).toBeGreaterThan(0)
    const [lines, dots] = ['line', 'dot'].map(
      (mark) => svg?.querySelectorAll(`[aria-label="${mark}"] :is(path, circle)`).length,
    )
    return [figure.querySelector('h3')?.textContent, lines, dots]
  })
  expect(drawn).toEqual([
    ['Memory by rows', 3, 6],
    ['Memory beside the first way', 2, 4],
    ['Time by rows', 3, 6],
  ])
})

test('what is drawn is what was measured, as a ruler reads it', () => {
  const run = sampleTrainingRun()
  const [large] = run.sizes
  if (!large) throw new Error('no size')
  // 9,000 has no room of its own beside 4,000.
  run.sizes.push({ ...large, rows: 9000 }, { ...large, rows: 196_000 })
  const rows = [28_000, 4000, 9000, 196_000]
  /** Of a way the figure at 4,000 rows, and that at more. */
  const marks = (ways: [side: number, few: number, more: number][]) => {
    const at = (size: number, few: number, more: number) => (size === 4000 ? few : more)
    return [
      ...ways.map(([side, few, more]) => {
        const points = rows.toSorted((a, b) => a - b).map((size) => `${size},${at(size, few, more)}`)
        return `line, stroke side-${side}, stroke-width 2: ${points.join(' ')}`
      }),
      ...ways.map(([side, few, more]) => {
        const points = rows.map((size) => `${size}; ${at(size, few, more)}`)
        return `dot, fill side-${side}, r 4: ${points.join(' | ')}`
      }),
    ]
  }
  const axis = 'x | rows → | 4k 28k 196k | log'
  expect(chartsRead(trainingHtml(run))).toEqual({
    'Memory by rows': [
      '440 by 300',
      axis,
      'y | ↑ MB resident at most | 100 200 300 400 500 1000 | log | grid',
      ...marks([
        [1, 100, 200],
        [2, 600, 1200],
        [3, 150, 150],
      ]),
    ],
    'Memory beside the first way': [
      '440 by 300',
      axis,
      'y | ↑ times as much memory | 0 1 2 3 4 5 6 | linear | grid',
      'rule, stroke currentColor, stroke-opacity 0.5: 3650 to 215000; 1',
      'rule, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: 3650 to 215000; 2.2',
      "text: 'published: 2.2' at 215000; 2.43",
      ...marks([
        [2, 6, 6],
        [3, 1.5, 0.75],
      ]),
    ],
    'Time by rows': [
      '440 by 300',
      axis,
      'y | ↑ seconds | 0.5 0.6 0.7 1 2 | log | grid',
      ...marks([
        [1, 1, 1],
        [2, 2, 2],
        [3, 0.5, 0.5],
      ]),
    ],
  })
})

/** The chart of ratios. */
const ratios = (run: TrainingRun) => documentOf(run).querySelectorAll('figure svg')[1]

test('without a published ratio there is no line and no row of it', () => {
  const { published: _, ...run } = sampleTrainingRun()
  expect(ratios(run)?.textContent).not.toContain('published')
  expect(ratios(run)?.querySelectorAll('[aria-label="rule"] line')).toHaveLength(1)
  expect(cellsOf(run, 'header')).toHaveLength(3)
})

test('growth, agreement and bounds have their tables', () => {
  const run = sampleTrainingRun()
  const text = documentOf(run).querySelector('main')?.textContent
  expect(text).toContain('How each way grows')
  expect(text).toContain('1.2e-6')
  expect(documentOf(run).querySelector('main .fail')?.textContent).toBe('✗ crossed')
  run.checks = []
  run.sizes = run.sizes.slice(1)
  const alone = documentOf(run).querySelector('main')?.textContent
  expect(alone).not.toContain('thresholds.json')
  expect(alone).not.toContain('How each way grows')
})

test('nothing is fetched, nothing runs, and text stays text', () => {
  const run = sampleTrainingRun()
  run.dataset.name = '<script>alert(1)</script>'
  const document = documentOf(run)
  expect(document.querySelectorAll('script, iframe, object, [onclick], [onload]')).toHaveLength(0)
  for (const element of document.querySelectorAll('[src], [href]'))
    expect(element.getAttribute('href') ?? element.getAttribute('src')).toMatch(/^(data:|#)/)
  expect(document.querySelector('main')?.textContent).toContain('<script>alert(1)</script>')
})
