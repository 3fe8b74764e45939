/** Questions for several keys at once on a page: the chart and its figures. */
import * as Plot from '@observablehq/plot'
import type { BatchRow } from '../../gap/batches.ts'
import { batchTables } from '../batches.ts'
import { clientsInWords } from '../words.ts'
import { colourOf, drawn, legendOf } from './charts.ts'
import { html, htmlTable, type Markup } from './markup.ts'
import { chart } from './parts.ts'

function predictions(rows: readonly BatchRow[], sides: readonly string[]): Markup {
  const own = rows.map((row) => ({ ...row, key: row.side }))
  const counts = [...new Set(rows.map(({ clients }) => clients))]
  const place = { x: 'size', y: 'predictionsPerSecond', fy: 'clients' }
  return drawn('Predictions a second of each side by how many keys a question asks for', {
    height: 90 + 200 * counts.length,
    marginRight: 70,
    x: { type: 'point', label: 'keys in a question →', domain: [...new Set(rows.map(({ size }) => size))] },
    y: { type: 'log', label: '↑ predictions a second', grid: true, tickFormat: '~s', ticks: 5 },
    fy: { label: null, domain: counts, tickFormat: clientsInWords },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.line(own, { ...place, z: 'key', stroke: colourOf(sides), strokeWidth: 2 }),
      Plot.dot(own, { ...place, fill: colourOf(sides), r: 3.5 }),
    ],
  })
}

/** Nothing where no such question was asked. */
export function ofBatches(rows: readonly BatchRow[] = []): Markup | false {
  if (rows.length === 0) return false
  const sides = [...new Set(rows.map(({ side }) => side))]
  const tables = batchTables(rows, true).map(({ about, head, body }) =>
    htmlTable(`By how many keys a request asks for: ${about}`, head, body),
  )
  return html`<h2>Several keys at once</h2>
<div class="charts two">
${chart(
  'Predictions a second',
  'By how many keys a question asks for, on a logarithmic axis.',
  legendOf(sides),
  predictions(rows, sides),
  html`${tables}`,
)}
</div>`
}
