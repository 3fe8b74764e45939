/** training.html: one file that needs nothing else, no script, no network. */
import { peakOf, ratiosOf, type SizeCost } from '../../gap/training.ts'
import { legendOf } from '../html/charts.ts'
import { html, htmlTable, type Markup } from '../html/markup.ts'
import { chart, marked, outcomeMark, page } from '../html/parts.ts'
import { times } from '../table.ts'
import { machineInWords, versionsInWords } from '../words.ts'
import * as charts from './charts.ts'
import type { TrainingRun } from './run.ts'
import {
  agreementHead,
  agreementRows,
  boundsHead,
  boundsRows,
  costHead,
  costRows,
  count,
  growthHead,
  growthRows,
  megabytes,
  sentence,
  setUp,
} from './words.ts'

/** What each way had at each size, and how many times that of the first one: a row a size, as in the published claim. */
function headline(run: TrainingRun): Markup {
  const ways = charts.waysOf(run)
  const [first, ...others] = ways
  const ordered = [...run.sizes].sort((one, other) => one.rows - other.rows)
  return htmlTable(
    `Resident at most, MB, and how many times that of ${first}`,
    ['rows', ...ways, ...others.map((way) => `${way} ÷ ${first}`)],
    [
      ...ordered.map((size) => [
        count(size.rows),
        ...size.ways.map((each) => megabytes(peakOf(each))),
        ...ratiosOf(size as SizeCost).map(({ memory }) => times(memory)),
      ]),
      ...(run.published
        ? [['published', ...ways.map(() => '–'), ...others.map(publishedOf(run.published.ratio))]]
        : []),
    ],
  )
}

/** They compared with the way that stands second, and had no leaner one. */
const publishedOf = (ratio: number) => (_: string, index: number) => (index === 0 ? times(ratio) : '–')

function allCharts(run: TrainingRun): Markup {
  const ways = charts.waysOf(run)
  const legend = legendOf(ways)
  const costs = html`<div class="long">${htmlTable('By rows and way', costHead, costRows(run))}</div>`
  const growth = growthRows(run)
  return html`<div class="charts two">
${chart(
  'Memory by rows',
  'All processes that take part, together; what they share counts once. On logarithmic axes.',
  legend,
  charts.memory(run),
  html`${costs}${growth.length > 0 && htmlTable('How each way grows from one size to the next', growthHead, growth)}`,
)}
${chart(
  'Memory beside the first way',
  `How many times what training in ${charts.waysOf(run)[0]} takes.`,
  legendOf(ways.slice(1), ways),
  charts.memoryRatios(run),
  costs,
)}
${chart(
  'Time by rows',
  'From the beginning of the read to the stored model. On logarithmic axes.',
  legend,
  charts.time(run),
  costs,
)}
</div>`
}

export function trainingHtml(run: TrainingRun): string {
  const agreement = agreementRows(run)
  return page(
    `Training: ${sentence(run)}`,
    html`<header><h1>Training · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${sentence(run)} ${outcomeMark(run.outcome)}</p>
${headline(run)}
</header>
<main>
<h2>What was measured</h2>
${allCharts(run)}
${
  agreement.length > 0 &&
  html`<h2>The same model?</h2>
${htmlTable("Predictions for the held-out rows beside those of the first way's model", agreementHead, agreement)}`
}
${
  run.checks.length > 0 &&
  html`<h2>Thresholds</h2>
${htmlTable('What thresholds.json expects', boundsHead, boundsRows(run.checks, marked))}`
}
<h2>Method</h2>
<p>Every way had the same rows, hyperparameters and number of threads, and trained in a process that had done nothing else before, one after the other.
The peak is the greater of two figures: the most that all its processes had together, seen often, and the most that the process which trains ever had, as the kernel keeps it.</p>
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['what', setUp(run)],
        ['machine', machineInWords(run.machine)],
        ['versions', versionsInWords(run.versions)],
        ...(run.published ? [['published', run.published.source]] : []),
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
