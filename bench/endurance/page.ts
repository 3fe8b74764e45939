/** endurance.html: each figure over the hours, in a frame of its own. */
import * as Plot from '@observablehq/plot'
import { colourOf, drawn } from '../../report/html/charts.ts'
import { html, htmlTable, type Markup } from '../../report/html/markup.ts'
import { chart, page } from '../../report/html/parts.ts'
import { figure } from '../../report/table.ts'
import { machineInWords } from '../../report/words.ts'
import type { Machine } from '../../targets/facts.ts'
import { type Series, trendRows } from './series.ts'

/** A frame for each, from 0 upwards: a slope that matters is seen as one. */
function overHours(all: readonly Series[]): Markup {
  const names = all.map(({ name }) => name)
  return drawn(`Over the hours, each from 0: ${names.join(', ')}`, {
    ...{ className: 'long', width: 900, height: 60 + 90 * all.length, marginRight: 220 },
    fy: { label: null, domain: names },
    x: { label: 'hours →' },
    y: { label: '↑ share of its mean', domain: [0, 1.5], ticks: 3, grid: true },
    marks: [
      Plot.frame({ strokeOpacity: 0.2 }),
      Plot.line(
        all.flatMap(({ name: key, seen, trend }) =>
          seen.map(({ hours, value }) => ({ key, hours, share: value / (trend?.mean ?? value) })),
        ),
        { x: 'hours', y: 'share', fy: 'key', stroke: colourOf(names), strokeWidth: 1.4, clip: true },
      ),
    ],
  })
}

export const endurancePage = (
  all: readonly Series[],
  { hours, elapsed, clients }: { hours: number; elapsed: number; clients: number },
  machine: Machine,
): string =>
  page(
    'Endurance',
    html`<header><h1>Endurance: ${figure(elapsed)} h at ${String(clients)} clients</h1>
<p>${String(hours)} h of it inside blocks; the rest is between turns, where clients meet and open connections.</p></header>
<main>
${chart(
  'Over the hours',
  'Memory of k6 and of each part of the targets, requests a second of each side, and the gap.',
  html``,
  overHours(all),
  htmlTable('Trends', ['what', 'mean', 'in an hour', '95 %', 'over the run', 'flat'], trendRows(all)),
)}
<p class="soft">${machineInWords(machine)}</p>
</main>`,
  )
