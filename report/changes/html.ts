/** report.html of changes under load. */
import { legendOf } from '../html/charts.ts'
import { html, htmlTable } from '../html/markup.ts'
import { chart, page } from '../html/parts.ts'
import { figure } from '../table.ts'
import { machineInWords } from '../words.ts'
import { longest, oldestByWrites, p99ByWrites, shareNew } from './charts.ts'
import type { ChangesRun } from './run.ts'
import { takeoverInWords, takeoverTable, writesInWords, writesTable } from './words.ts'

function sidesOf(rows: readonly { key: string }[]) {
  const sides = [...new Set(rows.map(({ key: side }) => side))]
  return { sides, legend: legendOf(sides) }
}

function writesPart({ writes = [] }: ChangesRun) {
  const { sides, legend } = sidesOf(writes)
  const { head, body } = writesTable(writes, true)
  const figures = html`<p class="soft">${writesInWords}.</p>${htmlTable('By writes a second', head, body)}`
  return html`<div class="charts two">
${chart('Latency', 'p99 of the answers beside so many writes a second.', legend, p99ByWrites(writes, sides), figures)}
${chart('Age', 'Of all answers the one whose row had been replaced for the longest when it came.', legend, oldestByWrites(writes, sides), figures)}
</div>`
}

function takeoverPart({ takeover = [], moments = [] }: ChangesRun) {
  const { sides, legend } = sidesOf(takeover)
  const { head, body } = takeoverTable(takeover, true)
  const figures = htmlTable(
    'Around the order, all rounds together',
    ['side', 'clients', 'ms', 'p50 ms', 'longest ms', 'by the new model'],
    moments.map(({ key: side, clients, ms, p50Ms, longestMs, shareNew: share }) => [
      ...[
        side,
        String(clients),
        figure(ms),
        figure(p50Ms),
        figure(longestMs),
        `${(100 * share).toFixed(1)} %`,
      ],
    ]),
  )
  return html`<div class="charts two">
${chart('Latency', 'The longest answer in each 50 ms, all rounds together, on a logarithmic axis.', legend, longest(moments, sides), figures)}
${chart('Answers by model', 'The share of the answers that came by the new model, in each 50 ms.', legend, shareNew(moments, sides), figures)}
</div>
<p class="soft">${takeoverInWords}.</p>
${htmlTable('Medians of the rounds, and the least and the most of them', head, body)}`
}

export function changesHtml(run: ChangesRun): string {
  return page(
    `Changes under load: ${run.what}`,
    html`<header><h1>Changes under load · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${run.takeover ? 'A new model goes live' : 'Features change'}</p></header>
<main>
<h2>What was measured</h2>
${run.takeover && takeoverPart(run)}
${run.writes && writesPart(run)}
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['machine', machineInWords(run.machine)],
        ...run.how.map(({ address, how }) => [address, how]),
        ['rounds', `${run.rounds}, of ${run.seconds} s of each side`],
        ['keys', String(run.keys)],
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
