/** What a reader takes from a page: its tables, and of a chart by a ruler its axes, and how each mark looks and where it ends. */
import { parseHTML } from 'linkedom'

/** What is read of an element. */
interface Element {
  tagName: string
  textContent: string
  children: Iterable<Element>
  getAttribute(name: string): string | null
  hasAttribute(name: string): boolean
  querySelector(selector: string): Element | null
  closest(selector: string): Element | null
}

interface Tick {
  text: string
  at: number
  value: number
}

interface Axis {
  label: string
  ticks: Tick[]
  scale: 'linear' | 'log' | ''
  grid: boolean
}

type Place = [x: number, y: number]

const shiftOf = (element: Element): Place => {
  const [, x = 0, y = 0] = /translate\(([^,]+),([^)]+)\)/.exec(element.getAttribute('transform') ?? '') ?? []
  return [Number(x), Number(y)]
}
const plus = ([x, y]: Place, [a, b]: Place): Place => [x + a, y + b]
const childrenOf = (element: Element | null) => [...(element?.children ?? [])]
const digits = (value: number) => String(Number(value.toPrecision(3)))

const units: Record<string, number> = { '': 1, '%': 0.01, k: 1e3, M: 1e6 }
const numberIn = (text: string) => {
  const [, number, unit = ''] = /^(-?[\d.,]+)([%kM]?)$/.exec(text.replace('−', '-')) ?? []
  return number === undefined ? Number.NaN : Number(number.replaceAll(',', '')) * (units[unit] ?? 1)
}

/** Whether places go with values as it makes them; of two alone nobody can tell. */
function goWith(ticks: readonly Tick[], made: (value: number) => number): boolean {
  const [first, second, third] = ticks
  if (!first || !second || !third) return false
  const unit = (second.at - first.at) / (made(second.value) - made(first.value))
  return ticks.every(
    ({ at, value }) => Math.abs(first.at + unit * (made(value) - made(first.value)) - at) < 0.5,
  )
}

/** Groups of a facet have their own places within it. */
function facetsOf(group: Element): [Element, Place][] {
  const inner = childrenOf(group).filter(({ tagName }) => tagName.toLowerCase() === 'g')
  return inner.length > 0 ? inner.map((each) => [each, shiftOf(each)]) : [[group, [0, 0]]]
}

function axisOf(svg: Element, name: 'x' | 'y' | 'fx' | 'fy'): Axis {
  const group = (what: string) => svg.querySelector(`[aria-label="${name}-${what}"]`)
  const labels = group('axis tick label')
  const isFacet = name.startsWith('f')
  const ticks = (labels ? facetsOf(labels) : [])
    .slice(0, isFacet ? undefined : 1)
    .flatMap(([facet, shift]) =>
      childrenOf(facet).map((each): Tick => {
        const place = isFacet ? shift : plus(shiftOf(labels as Element), shiftOf(each))
        const text = each.textContent
        return { text, at: place[name.endsWith('x') ? 0 : 1], value: numberIn(text) }
      }),
    )
    .filter(({ text }) => text !== '')
  const scale = goWith(ticks, (value) => value) ? 'linear' : goWith(ticks, Math.log) ? 'log' : ''
  return { label: group('axis label')?.textContent ?? '', ticks, scale, grid: group('grid') !== null }
}

/** What stands at a place: a tick's text, or a value between two. */
function read({ ticks, scale }: Axis, at: number): string {
  const tick = ticks.find((each) => Math.abs(each.at - at) < 0.6)
  const [first, second] = ticks
  if (tick) return Number.isNaN(tick.value) ? tick.text : digits(tick.value)
  if (!first || !second || scale === '') return '-'
  const [made, back] = scale === 'log' ? [Math.log, Math.exp] : [Number, Number]
  const unit = (made(second.value) - made(first.value)) / (second.at - first.at)
  const value = back(made(first.value) + (at - first.at) * unit)
  return digits(Math.abs(value) < 1e-9 ? 0 : value)
}

/** By the lines of their path. */
const symbols: Record<string, string> = { LLLZ: 'diamond', LLZ: 'triangle', LL: 'times' }

/** Where an element is: all points of a line, both ends of a bar. */
function pointsOf(element: Element): Place[] {
  const at = (name: string) => Number(element.getAttribute(name) ?? 0)
  switch (element.tagName.toLowerCase()) {
    case 'circle':
      return [[at('cx'), at('cy')]]
    case 'line': {
      const ends: [Place, Place] = [
        [at('x1'), at('y1')],
        [at('x2'), at('y2')],
      ]
      // A stroke across its band is read in the midst of it.
      return element.closest('[aria-label="tick"]') ? [[at('x1'), (at('y1') + at('y2')) / 2]] : ends
    }
    case 'rect': {
      const middle = at('y') + at('height') / 2
      return [
        [at('x'), middle],
        [at('x') + at('width'), middle],
      ]
    }
    case 'path':
      if (element.hasAttribute('transform')) break
      return [...(element.getAttribute('d') ?? '').matchAll(/([\d.]+),([\d.]+)/g)].map(
        ([, x, y]): Place => [Number(x), Number(y)],
      )
  }
  return [[0, 0]]
}

const looks = ['stroke', 'fill', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'fill-opacity', 'r']

/** Its own and its groups' looks, in one order. */
const looksOf = (...elements: Element[]) =>
  looks
    .flatMap((name) => {
      const value = elements.map((each) => each.getAttribute(name)).find((each) => each !== null)
      return value === undefined || value === 'none'
        ? []
        : [`${name} ${value.replace(/^var\(--(.*)\)$/, '$1')}`]
    })
    .join(', ')

const span = (values: string[]) => [...new Set(values)].join(' to ')

/** Of a line with many points the ends, and what is in its midst; an area goes back from there. */
function pathInWords(x: string[], y: string[]): string {
  const all = x.map((each, at) => `${each},${y[at]}`)
  const half = all.length / 2
  return all.length > 8
    ? `${all[0]} … ${all[half - 1] ?? ''} ${all[Math.floor(half)]} … ${all.at(-1)} (${all.length})`
    : all.join(' ')
}

function markLines(group: Element, axes: Record<'x' | 'y' | 'fy', Axis>): string[] {
  return facetsOf(group).flatMap(([facet, shift]) => {
    const where = axes.fy.ticks.find(({ at }) => at === shift[1])?.text
    const own = childrenOf(facet).map((element) => {
      const shifts = plus(shiftOf(group), shiftOf(element))
      const places = pointsOf(element).map((place) => plus(shifts, place))
      const kind = group.getAttribute('aria-label')
      const symbol = symbols[(element.getAttribute('d') ?? '').replace(/[^LZ]/g, '')]
      const [x, y] = [places.map(([at]) => read(axes.x, at)), places.map(([, at]) => read(axes.y, at))]
      return {
        look: [`${kind}${element.hasAttribute('transform') && symbol ? ` ${symbol}` : ''}`, where]
          .concat(looksOf(element, facet, group) || undefined)
          .filter((each) => each !== undefined)
          .join(', '),
        told:
          kind === 'frame'
            ? 'around'
            : kind === 'line' || kind === 'area'
              ? pathInWords(x, y)
              : `${kind === 'text' ? `'${element.textContent}' at ` : ''}${span(x)}; ${span(y)}`,
      }
    })
    return [...new Set(own.map(({ look }) => look))].map((look) => {
      const told = own.filter((each) => each.look === look).map((each) => each.told)
      return `${look}: ${told.length > 8 ? `${told.length}, ${told[0]} … ${told.at(-1)}` : told.join(' | ')}`
    })
  })
}

/** Its size, then a line for each axis and for each kind of marks. */
export function readChart(svg: Element | null): string[] {
  if (!svg) return []
  const axes = { x: axisOf(svg, 'x'), y: axisOf(svg, 'y'), fy: axisOf(svg, 'fy') }
  const about = Object.entries(axes)
    .filter(([, { ticks, label }]) => ticks.length > 0 || label !== '')
    .map(([name, { label, ticks, scale, grid }]) =>
      [
        name,
        label,
        ticks.map(({ text }) => text).join(' '),
        ...(scale ? [scale] : []),
        ...(grid ? ['grid'] : []),
      ].join(' | '),
    )
  const marks = childrenOf(svg).filter(
    (each) => each.tagName.toLowerCase() === 'g' && !/axis|grid/.test(each.getAttribute('aria-label') ?? ''),
  )
  const size = ['width', 'height'].map((name) => svg.getAttribute(name)).join(' by ')
  return [size, ...about, ...marks.flatMap((group) => markLines(group, axes))]
}

/** The charts of a page by their titles, each as it is read. */
export const chartsRead = (page: string): Record<string, string[]> =>
  Object.fromEntries(
    [...parseHTML(page).document.querySelectorAll('figure')].map((figure) => [
      figure.querySelector('h3')?.textContent ?? '',
      readChart(figure.querySelector('svg')),
    ]),
  )

/** Tables of a page by their captions: the head, then rows. */
export const tablesOn = (page: string): Record<string, string[][]> =>
  Object.fromEntries(
    [...parseHTML(page).document.querySelectorAll('table')].map((table) => [
      table.querySelector('caption')?.textContent ?? '',
      [...table.querySelectorAll('tr')].map((row) =>
        [...row.querySelectorAll('th, td')].map((cell) => cell.textContent),
      ),
    ]),
  )
