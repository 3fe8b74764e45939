import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
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

/** The chart of ratios. */
const ratios = (run: TrainingRun) => documentOf(run).querySelectorAll('figure svg')[1]

test('ratios stand where they belong, the published one as a line beside them', () => {
  const svg = ratios(sampleTrainingRun())
  expect(svg?.textContent).toContain('published: 2.2')
  const [equal, theirs] = [...(svg?.querySelectorAll('[aria-label="rule"] line') ?? [])].map((line) =>
    Number(line.getAttribute('y1')),
  ) as [number, number]
  const perTime = (equal - theirs) / 1.2
  const dots = [...(svg?.querySelectorAll('[aria-label="dot"] circle') ?? [])]
  const seen = dots.map((dot) => 1 + (equal - Number(dot.getAttribute('cy'))) / perTime)
  for (const [index, ratio] of [6, 0.75, 6, 1.5].entries()) expect(seen[index]).toBeCloseTo(ratio, 1)
})

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
