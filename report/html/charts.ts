/** The charts, drawn by Observable Plot into static SVG when the report is written: the page ships no script. */
import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { isOpenModel } from '../../gap/measurement.ts'
import type { Share } from '../../gap/shares.ts'
import type { Run } from '../run.ts'
import { clientsInWords } from '../words.ts'
import * as data from './data.ts'
import { Markup } from './markup.ts'
import { key } from './parts.ts'

const { document } = parseHTML('<!doctype html><html><body></body></html>')

/** How many colours the page has for sides. */
const most = 6

/** Colours by variables of the page, so that they follow light and dark; sides in the order in which they are told of everywhere. */
export function colourOf(sides: readonly string[]): (row: { key: string }) => string {
  return ({ key }) => {
    const index = sides.indexOf(key)
    return index >= 0 && index < most ? `var(--side-${index + 1})` : 'currentColor'
  }
}

/** Their names, each with its colour. @param sides in whose order colours are given; default: the same */
export const legendOf = (names: readonly string[], sides = names): Markup =>
  key(names.map((name) => ({ name, colour: colourOf(sides)({ key: name }) })))

export const sideColour = (run: Run) => colourOf(data.sidesOf(run))

export function drawn(label: string, options: Plot.PlotOptions): Markup {
  const svg = Plot.plot({
    document: document as unknown as NonNullable<Plot.PlotOptions['document']>,
    // As wide as it is shown on a desk, so that letters have the size that they say.
    width: 440,
    marginLeft: 60,
    // Room for the names of the axes beside their ticks, with the larger letters of a phone, too.
    marginTop: 36,
    marginBottom: 42,
    style: { background: 'transparent' },
    ...options,
  }) as unknown as { setAttribute(name: string, value: string): void; outerHTML: string }
  svg.setAttribute('role', 'img')
  svg.setAttribute('aria-label', label)
  return new Markup(svg.outerHTML)
}

/** Letters of a side's name for which a chart has room beside its axis, and pixels of one at the most. */
const [mostLetters, ofLetter] = [34, 6]

/** An axis of sides by their names, however long these are. @param least pixels beside it */
export function besideNames(sides: readonly string[], least: number) {
  const longest = Math.min(mostLetters, Math.max(0, ...sides.map(({ length }) => length)))
  const tickFormat = (name: string) =>
    name.length > mostLetters ? `${name.slice(0, mostLetters - 1)}…` : name
  return {
    marginLeft: Math.max(least, 12 + ofLetter * longest),
    y: { label: null, domain: sides, tickFormat },
  }
}

/** Of ratios: the line of 1, and that of a published one, with its figure. */
export const besideOne = (published: number | undefined): Plot.Markish[] => [
  Plot.ruleY([1], { strokeOpacity: 0.5 }),
  ...(published === undefined
    ? []
    : [
        Plot.ruleY([published], { strokeDasharray: '4 3', strokeOpacity: 0.8 }),
        Plot.text([published], {
          y: (value: number) => value,
          frameAnchor: 'right',
          dy: -8,
          text: () => `published: ${published.toFixed(1)}`,
          fill: 'currentColor',
        }),
      ]),
]

const clientsAxis = { type: 'point', label: 'clients' } as const

/** Bars of the sides, each with its interval. */
function bars(label: string, rows: (data.Bar & { figure?: string })[], unit: string, run: Run): Markup {
  const figures = [...new Set(rows.map(({ figure }) => figure))]
  const [first] = figures
  const facet = first === undefined ? {} : { fy: 'figure' }
  const sides = data.sidesOf(run)
  const measured = rows.filter(({ high }) => high !== undefined && high < Number.MAX_VALUE)
  return drawn(label, {
    height: 78 + 26 * sides.length * figures.length + 10 * figures.length,
    ...besideNames(sides, 96),
    marginRight: first === undefined ? 20 : 44,
    x: {
      ...{ label: `${unit} →`, grid: true, tickFormat: '~s', ticks: 5 },
      // Where nothing was answered an axis has nothing to go by, and a tick that is no number.
      ...(!rows.some(({ value }) => value > 0) && { domain: [0, 1] }),
    },
    ...(first !== undefined && { fy: { label: null, domain: figures } }),
    marks: [
      Plot.barX(rows, { y: 'key', x: 'value', fill: sideColour(run), ...facet }),
      Plot.ruleY(measured, {
        y: 'key',
        x1: 'low',
        x2: 'high',
        stroke: 'currentColor',
        strokeWidth: 2,
        ...facet,
      }),
    ],
  })
}

export function throughput(run: Run): Markup {
  if (!data.hasSeveral(run))
    return bars('Answers a second of each side, with its 95 % interval', data.rateBars(run), 'TPS', run)
  const colour = sideColour(run)
  return drawn('Requests a second by number of clients, a dot for each block', {
    height: 320,
    x: { ...clientsAxis, domain: data.clientsOf(run) },
    y: { type: 'log', label: '↑ TPS', grid: true, tickFormat: '~s' },
    marks: [
      Plot.dot(data.blockRates(run), { x: 'clients', y: 'tps', stroke: colour, r: 3, strokeOpacity: 0.6 }),
      Plot.line(run.verdict.figures, { x: 'clients', y: 'tps', z: 'key', stroke: colour, strokeWidth: 2 }),
      Plot.dot(data.publishedRates(run), {
        x: 'clients',
        y: 'tps',
        stroke: colour,
        strokeWidth: 2,
        r: 5,
        symbol: ({ between }: { between: string }) => (between === 'nothing' ? 'diamond' : 'times'),
      }),
    ],
  })
}

const dashes: Record<string, string> = { p50: '', p95: '6 3', p99: '2 3' }

export function latency(run: Run): Markup {
  if (!data.hasSeveral(run))
    return bars(
      'Latency of each side with its 95 % interval: p50, p95 and p99',
      data.latencyBars(run),
      'ms',
      run,
    )
  const rows = data.latencies(run)
  const colour = sideColour(run)
  return drawn('Latency by number of clients: p50, p95 and p99', {
    height: 320,
    x: clientsAxis,
    y: { type: 'log', label: '↑ ms', grid: true, tickFormat: '~g' },
    marks: [
      ...Object.entries(dashes).map(([figure, dash]) =>
        Plot.line(
          rows.filter((row) => row.figure === figure),
          { x: 'clients', y: 'ms', z: 'key', stroke: colour, strokeWidth: 2, strokeDasharray: dash },
        ),
      ),
      Plot.dot(rows, { x: 'clients', y: 'ms', fill: colour, r: 2.5 }),
    ],
  })
}

/** What a gap is made of, in the order in which it is drawn. */
export const factors = ['architecture', 'implementation']

export const factorColour = (factor: string) => `var(--part-${factor === factors[0] ? 3 : 6})`

export function shares(given: readonly Share[]): Markup {
  const rows = data.factors(given)
  const sides = [...new Set(rows.map(({ key }) => key))]
  const counts = [...new Set(rows.map(({ clients }) => clients))]
  return drawn(
    "The gap in TPS as the product of what is the architecture's and what is the implementation's",
    {
      height: 78 + (26 * sides.length + 10) * counts.length,
      ...besideNames(sides, 96),
      marginRight: 80,
      x: { type: 'log', label: 'times as many answers →', grid: true, tickFormat: '~g' },
      fy: { label: null, domain: counts, tickFormat: clientsInWords },
      marks: [
        Plot.barX(rows, {
          y: 'key',
          fy: 'clients',
          x1: 'from',
          x2: 'to',
          fill: ({ factor }: { factor: string }) => factorColour(factor),
        }),
        Plot.ruleX([1], { strokeOpacity: 0.5 }),
      ],
    },
  )
}

export function gap(run: Run): Markup {
  const { rows, top } = data.gapsInView(run)
  const colour = sideColour(run)
  const last = run.measurement.settings.sides.at(-1)
  const [what, label] = isOpenModel(run.measurement)
    ? ['mean latency', `↑ mean latency of ${last} ÷ a side's`]
    : ['TPS', `↑ TPS ÷ ${last}'s`]
  return drawn(`The gap in ${what} by number of clients, with its 95 % interval`, {
    height: 260,
    x: clientsAxis,
    y: { label, grid: true, domain: [0, top] },
    marks: [
      ...besideOne(data.publishedGap(run)),
      Plot.ruleX(rows, { x: 'clients', y1: 'low', y2: 'end', stroke: colour, strokeWidth: 3 }),
      Plot.dot(rows, { x: 'clients', y: 'median', fill: colour, r: 5 }),
    ],
  })
}

export function distribution(run: Run): Markup {
  const colour = sideColour(run)
  return drawn('Distribution of latency at the fewest clients: share of requests answered within a time', {
    height: 300,
    x: { type: 'log', label: 'ms →', grid: true, tickFormat: '~g' },
    y: { label: '↑ % of requests answered within', grid: true, domain: [0, 100] },
    marks: [
      Plot.line(data.distribution(run), { x: 'ms', y: 'rank', z: 'key', stroke: colour, strokeWidth: 2 }),
    ],
  })
}

export function overTime(run: Run): Markup {
  const rows = data.overTime(run)
  const colour = sideColour(run)
  const sessions = new Set(rows.map(({ session }) => session)).size
  return drawn("A client's time for an answer over the time of each session", {
    className: 'long',
    width: 900,
    height: 90 + 130 * sessions,
    marginRight: 70,
    fy: { label: null, tickFormat: (session: number) => `session ${session}` },
    x: { label: 'seconds →' },
    y: { type: 'log', label: '↑ ms', grid: true, tickFormat: '~g', ticks: 4 },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.dot(rows, { x: 'seconds', y: 'ms', fy: 'session', fill: colour, r: 1.6, fillOpacity: 0.7 }),
    ],
  })
}

export function memory(run: Run): Markup | undefined {
  const rows = data.memory(run).map((row) => ({ ...row, megabytes: row.bytes / 1e6 }))
  const kinds = [...new Set(rows.map(({ what }) => what))]
  const colour = sideColour(run)
  if (kinds.length === 0) return undefined
  return drawn('Memory that training and serving had resident, in megabytes', {
    height: 78 + 60 * kinds.length,
    ...besideNames([...new Set(rows.map(({ key }) => key))], 80),
    marginRight: 150,
    // Room for the number at the end of the longest bar.
    x: {
      label: 'MB →',
      grid: true,
      ticks: 4,
      domain: [0, 1.2 * Math.max(...rows.map(({ megabytes }) => megabytes))],
    },
    fy: { label: null, domain: kinds },
    marks: [
      Plot.barX(rows, { y: 'key', fy: 'what', x: 'megabytes', fill: colour }),
      Plot.text(rows, {
        y: 'key',
        fy: 'what',
        x: 'megabytes',
        text: ({ megabytes }: { megabytes: number }) => `${megabytes.toFixed(0)}`,
        textAnchor: 'start',
        dx: 4,
        fill: 'currentColor',
      }),
    ],
  })
}

/** How many colours the page has for parts of the way. */
const mostParts = 7

/** In the order in which {@link pieces} draws them. */
export const partsOf = (run: Run) => [...new Set(data.pieces(run).map(({ part }) => part))]

export const partColour = (run: Run, part: string) => {
  const index = partsOf(run).indexOf(part)
  return index >= 0 && index < mostParts ? `var(--part-${index + 1})` : 'currentColor'
}

export function pieces(run: Run): Markup {
  const rows = data.pieces(run)
  const sides = [...new Set(rows.map(({ key }) => key))]
  return drawn("Where a client's time for an answer goes", {
    height: 78 + 31 * sides.length,
    ...besideNames(sides, 80),
    x: { label: 'ms →', grid: true },
    marks: [Plot.barX(rows, { y: 'key', x: 'ms', fill: ({ part }: data.Piece) => partColour(run, part) })],
  })
}
