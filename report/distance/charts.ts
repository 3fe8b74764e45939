/** Charts of latency and gap by distance. */
import * as Plot from '@observablehq/plot'
import { colourOf, drawn } from '../html/charts.ts'
import type { Markup } from '../html/markup.ts'
import { clientsInWords } from '../words.ts'
import type { DistanceRun } from './run.ts'
import { countsOf, mainName, mainRatio, publishedPairs, sidesOf } from './words.ts'

const place = { x: 'roundTripMs', fy: 'clients' }

const byDistance = (run: DistanceRun, label: string, y: Plot.ScaleOptions, marks: Plot.Markish[]): Markup => {
  const counts = countsOf(run)
  return drawn(label, {
    height: 90 + 170 * counts.length,
    marginRight: 70,
    x: { label: 'a round trip more on each link, ms →', grid: true, ticks: 5 },
    y,
    fy: { label: null, domain: counts, tickFormat: clientsInWords },
    marks: [Plot.frame({ strokeOpacity: 0.2 }), ...marks],
  })
}

export function latency(run: DistanceRun): Markup {
  const rows = run.rows.flatMap(({ side: key, clients, roundTripMs, p50Ms }) =>
    p50Ms === null ? [] : [{ key, clients, roundTripMs, p50Ms }],
  )
  const colour = colourOf(sidesOf(run))
  return byDistance(
    run,
    'Median latency of each side by distance',
    { label: '↑ p50, ms', grid: true, ticks: 4, zero: true },
    [
      Plot.line(rows, { ...place, y: 'p50Ms', z: 'key', stroke: colour, strokeWidth: 2 }),
      Plot.dot(rows, { ...place, y: 'p50Ms', fill: colour, r: 3 }),
    ],
  )
}

export const gapsIn = (run: DistanceRun) =>
  run.rows.flatMap(({ side: key, clients, roundTripMs, gap }) =>
    gap ? [{ key, clients, roundTripMs, ...mainRatio(run, gap) }] : [],
  )

/** To be held against those that were measured: at a given rate all serve what is due, and there is none. */
export const publishedGaps = (run: DistanceRun) =>
  run.rate > 0 ? [] : publishedPairs(run).map(({ gap }) => gap)

export function gap(run: DistanceRun): Markup {
  const rows = gapsIn(run)
  const colour = colourOf(sidesOf(run))
  return byDistance(
    run,
    'The gap by distance, with its 95 % interval',
    { type: 'log', label: `↑ ${mainName(run)}`, grid: true, ticks: 4, tickFormat: '~g' },
    [
      Plot.ruleY([1], { strokeOpacity: 0.5 }),
      Plot.ruleY(publishedGaps(run), { strokeDasharray: '4 3', strokeOpacity: 0.8 }),
      Plot.ruleX(rows, { ...place, y1: 'low', y2: 'high', stroke: colour, strokeWidth: 2 }),
      Plot.line(rows, { ...place, y: 'median', z: 'key', stroke: colour, strokeWidth: 1.5 }),
      Plot.dot(rows, { ...place, y: 'median', fill: colour, r: 3 }),
    ],
  )
}
