/** report.html of new connections. */
import * as Plot from '@observablehq/plot'
import type { ConnectionsRow } from '../../gap/connections.ts'
import { besideNames, colourOf, drawn, legendOf } from '../html/charts.ts'
import { html, htmlTable, type Markup } from '../html/markup.ts'
import { chart, page } from '../html/parts.ts'
import { clientsInWords, machineInWords } from '../words.ts'
import type { ConnectionsRun } from './run.ts'
import { connectionsTable, whatConnectionsAre } from './words.ts'

const sidesOf = (rows: readonly ConnectionsRow[]) => [...new Set(rows.map(({ key: side }) => side))]

/** A side's two answers at a number of clients, with a line between them, and the longest of the first ones. */
function answers(rows: readonly ConnectionsRow[]): Markup {
  const sides = sidesOf(rows)
  const counts = [...new Set(rows.map(({ clients }) => clients))]
  const both = rows.flatMap(({ key: side, clients, answers: { first, second } }) =>
    first && second
      ? [{ key: side, clients, first: first.p50Ms, longest: first.maxMs, second: second.p50Ms }]
      : [],
  )
  const place = { y: 'key', fy: 'clients' }
  const stroke = colourOf(sides)
  return drawn('First and second answers of new connections, by side and number of clients', {
    className: 'long',
    width: 900,
    height: 78 + (30 * sides.length + 10) * counts.length,
    ...besideNames(sides, 110),
    marginRight: 80,
    x: { type: 'log', label: 'ms →', grid: true, tickFormat: '~g' },
    fy: { label: null, domain: counts, tickFormat: clientsInWords },
    marks: [
      Plot.ruleY(both, { ...place, x1: 'second', x2: 'first', stroke, strokeWidth: 3 }),
      Plot.ruleY(both, { ...place, x1: 'first', x2: 'longest', stroke, strokeDasharray: '2 3' }),
      Plot.dot(both, { ...place, x: 'second', r: 5, stroke, strokeWidth: 2, fill: 'none' }),
      Plot.dot(both, { ...place, x: 'first', r: 5, fill: stroke }),
      Plot.tickX(both, { ...place, x: 'longest', stroke, strokeWidth: 2, inset: 6 }),
    ],
  })
}

export function connectionsHtml(run: ConnectionsRun): string {
  const { head, body } = connectionsTable(run.rows)
  return page(
    'New connections',
    html`<header><h1>New connections · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">First answers beside second ones</p></header>
<main>
<h2>What was measured</h2>
<div class="charts">
${chart(
  'First and second answers',
  'The second answer of a connection is a ring, the first a dot, and the longest of the first ones a stroke; on a logarithmic axis.',
  legendOf(sidesOf(run.rows)),
  answers(run.rows),
  htmlTable(whatConnectionsAre(run), head, body),
)}
</div>
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['machine', machineInWords(run.machine)],
        ['rounds', String(run.found.rounds)],
        ['seed', String(run.found.seed)],
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
