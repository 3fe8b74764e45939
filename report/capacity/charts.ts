/** The charts of a search, drawn as those of a run are. */
import * as Plot from '@observablehq/plot'
import { colourOf, drawn } from '../html/charts.ts'
import type { Markup } from '../html/markup.ts'
import * as data from './data.ts'
import type { CapacityRun, CapacitySide, RateRow } from './run.ts'
import { reportedOf } from './words.ts'

/** By verdict: a colour, and a symbol for those who do not tell colours apart. */
export const marks = {
  holds: { colour: 'var(--good)', symbol: 'circle', sign: '○' },
  undecided: { colour: 'var(--open)', symbol: 'triangle', sign: '△' },
  crossed: { colour: 'var(--bad)', symbol: 'times', sign: '✕' },
} as const satisfies Record<RateRow['verdict'], unknown>

export const sidesColour = ({ sides }: CapacityRun) => colourOf(sides.map(({ side }) => side))

/** Whole numbers where they have room, else thousands. */
const rateTicks = (most: number) =>
  most < 1e5 ? (rate: number) => rate.toLocaleString('en', { maximumSignificantDigits: 6 }) : '~s'

/** Of a side that has rates: its latency at each, the limit, a monotone fit, and the capacity with its interval. */
export function latencyByRate(side: CapacitySide): Markup {
  const { figure, limitMs } = data.limitedOf(side)
  const reported = reportedOf(side)
  const rows = data.latencyRows(side, figure)
  return drawn(
    `Latency of ${side.side}, ${figure}, by requests a second: a point for each rate, by whether the objective holds`,
    {
      height: 320,
      // Points at the ends do not stand on the axes.
      inset: 8,
      x: {
        label: 'requests a second →',
        tickFormat: rateTicks(Math.max(...rows.map(({ rate }) => rate))),
        ticks: 5,
      },
      y: { type: 'log', label: `↑ ${figure}, ms`, grid: true, tickFormat: '~g' },
      marks: [
        ...(reported
          ? [
              Plot.rect([reported], { x1: 'low', x2: 'high', fill: 'var(--good)', fillOpacity: 0.18 }),
              Plot.ruleX([reported], { x: 'capacity', stroke: 'var(--good)', strokeWidth: 2 }),
            ]
          : []),
        ...(side.atLeast
          ? [Plot.ruleX([side.atLeast], { x: 'rate', stroke: 'var(--open)', strokeDasharray: '2 3' })]
          : []),
        ...(limitMs === undefined
          ? []
          : [
              Plot.ruleY([limitMs], { strokeDasharray: '4 3', strokeOpacity: 0.8 }),
              Plot.text([limitMs], {
                y: (value: number) => value,
                frameAnchor: 'left',
                dx: 4,
                dy: -8,
                text: () => `limit: ${limitMs} ms`,
                textAnchor: 'start',
                fill: 'currentColor',
              }),
            ]),
        Plot.line(rows, { x: 'rate', y: 'fitted', stroke: 'currentColor', strokeOpacity: 0.6 }),
        ...Object.entries(marks).map(([verdict, { colour, symbol }]) =>
          Plot.dot(
            rows.filter((row) => row.verdict === verdict),
            { x: 'rate', y: 'ms', stroke: colour, symbol, r: 5, strokeWidth: 2 },
          ),
        ),
      ],
    },
  )
}

export function throughput(run: CapacityRun): Markup {
  const colour = sidesColour(run)
  const measured = run.sides.flatMap(({ side: key, closed }) => closed.map((row) => ({ key, ...row })))
  const curves = data.curves(run)
  const numbers = [...new Set(measured.map(({ clients }) => clients))].sort((a, b) => a - b)
  return drawn('Requests a second by number of clients in the closed model, with the fitted law', {
    height: 320,
    inset: 8,
    x: { type: 'log', label: 'clients →', ticks: numbers, tickFormat: 'd' },
    y: { type: 'log', label: '↑ requests a second', grid: true, tickFormat: '~s' },
    marks: [
      Plot.areaY(
        curves.filter(({ low }) => low > 0),
        { x: 'clients', y1: 'low', y2: 'high', z: 'key', fill: colour, fillOpacity: 0.15 },
      ),
      Plot.line(curves, { x: 'clients', y: 'value', z: 'key', stroke: colour, strokeWidth: 2 }),
      Plot.dot(measured, { x: 'clients', y: 'tps', stroke: colour, r: 4, strokeWidth: 2 }),
    ],
  })
}

export function costByDemand(run: CapacityRun): Markup {
  const colour = sidesColour(run)
  const rows = data.costs(run)
  return drawn("Cost an hour by demand, with what the ends of the capacities' intervals make of it", {
    height: 320,
    x: { label: 'predictions a second →', tickFormat: '~s', ticks: 6 },
    y: {
      label: `↑ ${run.plan?.currency ? `${run.plan.currency} ` : 'cost '}an hour`,
      grid: true,
      zero: true,
    },
    marks: [
      Plot.ruleX(run.plan ? [run.plan.demand] : [], { strokeDasharray: '4 3', strokeOpacity: 0.8 }),
      Plot.areaY(rows, {
        ...{ x: 'demand', y1: 'low', y2: 'high', z: 'key' },
        ...{ fill: colour, fillOpacity: 0.15, curve: 'step-before' as const },
      }),
      Plot.line(rows, {
        ...{ x: 'demand', y: 'hour', z: 'key', stroke: colour, strokeWidth: 2 },
        curve: 'step-before' as const,
      }),
    ],
  })
}
