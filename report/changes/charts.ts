/** Charts of changes under load. */
import * as Plot from '@observablehq/plot'
import type { Moment } from '../../gap/takeover.ts'
import type { WritesRow } from '../../gap/writes.ts'
import { colourOf, drawn } from '../html/charts.ts'
import type { Markup } from '../html/markup.ts'
import { clientsInWords } from '../words.ts'

const facets = (rows: readonly { clients: number }[]) => [...new Set(rows.map(({ clients }) => clients))]

const line = (
  label: string,
  rows: readonly Moment[],
  sides: readonly string[],
  y: Plot.ScaleOptions,
  of: keyof Moment,
) => {
  const counts = facets(rows)
  return drawn(label, {
    height: 90 + 170 * counts.length,
    marginRight: 70,
    x: { label: 'ms from the order →', ticks: 5 },
    y,
    fy: { label: null, domain: counts, tickFormat: clientsInWords },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.ruleX([0], { strokeOpacity: 0.5 }),
      Plot.line(rows as Moment[], {
        x: 'ms',
        y: of,
        z: 'key',
        fy: 'clients',
        stroke: colourOf(sides),
        strokeWidth: 1.6,
      }),
    ],
  })
}

export const longest = (rows: readonly Moment[], sides: readonly string[]): Markup =>
  line(
    'The longest answer in each 50 ms around the order of a new model',
    rows,
    sides,
    { type: 'log', label: '↑ ms', grid: true, tickFormat: '~g', ticks: 4 },
    'longestMs',
  )

export const shareNew = (rows: readonly Moment[], sides: readonly string[]): Markup =>
  line(
    'The share of answers by the new model in each 50 ms around its order',
    rows,
    sides,
    { label: '↑ of answers by the new model', domain: [0, 1], tickFormat: '%', ticks: 4 },
    'shareNew',
  )

const byWrites = (
  label: string,
  rows: readonly WritesRow[],
  sides: readonly string[],
  name: string,
  of: keyof WritesRow,
) => {
  const counts = facets(rows)
  const place = { x: 'due', y: of, fy: 'clients' }
  return drawn(label, {
    height: 90 + 170 * counts.length,
    marginRight: 70,
    x: { type: 'point', label: 'writes a second →', domain: [...new Set(rows.map(({ due }) => due))] },
    y: { label: name, grid: true, ticks: 4, zero: true },
    fy: { label: null, domain: counts, tickFormat: clientsInWords },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.line(rows as WritesRow[], { ...place, z: 'key', stroke: colourOf(sides), strokeWidth: 2 }),
      Plot.dot(rows as WritesRow[], { ...place, fill: colourOf(sides), r: 3 }),
    ],
  })
}

export const p99ByWrites = (rows: readonly WritesRow[], sides: readonly string[]): Markup =>
  byWrites('p99 of answers by writes a second', rows, sides, '↑ p99, ms', 'p99Ms')

export const oldestByWrites = (rows: readonly WritesRow[], sides: readonly string[]): Markup =>
  byWrites('Age of the oldest answer by writes a second', rows, sides, '↑ age when it came, ms', 'oldestMs')
