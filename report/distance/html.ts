/** report.html of a comparison at several distances. */
import { legendOf } from '../html/charts.ts'
import { html, htmlTable, type Markup } from '../html/markup.ts'
import { chart, page, premiseList } from '../html/parts.ts'
import { figure } from '../table.ts'
import { clientsInWords, machineInWords } from '../words.ts'
import { gap, gapsIn, latency, publishedGaps } from './charts.ts'
import type { DistanceRun } from './run.ts'
import {
  countsOf,
  distanceInWords,
  linksInWords,
  publishedTable,
  rowsTable,
  sidesOf,
  slopesTable,
  type Table,
  whatPublishedIs,
  whatSlopesAre,
} from './words.ts'

const shown = (caption: string, { head, body }: Table): Markup | undefined =>
  body.length > 0 ? htmlTable(caption, head, body) : undefined

function charts(run: DistanceRun): Markup {
  const sides = sidesOf(run)
  const legend = legendOf(sides)
  const figures = html`${countsOf(run).map((clients) => shown(clientsInWords(clients), rowsTable(run, clients)))}`
  const theirs = publishedGaps(run).map(figure)
  const dashed =
    theirs.length > 0 ? ` Dashed: published, each side on a host of its own (${theirs.join(' and ')}).` : ''
  const gapChart = html`${chart('Gap', `Above 1 the other side wins.${dashed}`, legend, gap(run), figures)}`
  return html`<div class="charts two">
${chart('Latency', 'Of half of the requests.', legend, latency(run), figures)}
${gapsIn(run).length > 0 && gapChart}
</div>`
}

export function distanceHtml(run: DistanceRun): string {
  const broken = run.premises.filter(({ holds }) => !holds)
  const asked = run.added.map(({ roundTripMs }) => distanceInWords(roundTripMs)).join(', ')
  return page(
    'Distance',
    html`<header><h1>Distance · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${broken.length > 0 ? 'Could not measure: a premise is broken, so that these figures mean nothing' : `Latency and gap by distance: ${asked}`}</p></header>
<main>
<h2>What was measured</h2>
<p class="soft">With ${linksInWords(run)}.</p>
${charts(run)}
<h2>Round trips</h2>
${shown(`Round trips of an answer: ${whatSlopesAre}`, slopesTable(run))}
${shown(`Published, each side on a host of its own, ${whatPublishedIs}: ${run.published?.source ?? ''}`, publishedTable(run))}
<h2>Premises</h2>
${premiseList(run.premises)}
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['machine', machineInWords(run.machine)],
        ...run.added
          .filter(({ roundTripMs }) => roundTripMs > 0)
          .map(({ roundTripMs, addedMs }) => [
            ...[`${figure(roundTripMs)} ms`, `null operations found ${addedMs.map(figure).join(', ')} ms`],
          ]),
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
