/** capacity.html: one file that needs nothing else, no script, no network. */
import { endsFirst, type Resources } from '../../gap/capacity/resources.ts'
import { failureHead, missedOf, seenInWords, whatMissedIs } from '../failures.ts'
import { ofBatches } from '../html/batches.ts'
import { legendOf } from '../html/charts.ts'
import { html, htmlTable, type Markup } from '../html/markup.ts'
import { chart, marked, outcomeMark, page, premiseList } from '../html/parts.ts'
import { figure, withInterval } from '../table.ts'
import { machineInWords, rowsAndKeysInWords, versionsInWords } from '../words.ts'
import * as charts from './charts.ts'
import * as data from './data.ts'
import { law, lawTable, planTable, planTitle } from './hosts.ts'
import type { CapacityRun, CapacitySide } from './run.ts'
import {
  boundInWords,
  capacityInColumn,
  confirmationsOf,
  insteadOf,
  measuredInWords,
  mostOf,
  outcomeOf,
  percent,
  rateInWords,
  ratiosOf,
  sentence,
  termInWords,
  usedOf,
} from './words.ts'

function headline(run: CapacityRun): Markup {
  const ratios = ratiosOf(run)
  const isSaid = run.sides.some((side) => insteadOf(side) !== undefined)
  return html`${htmlTable(
    'Requests a second at which each side holds its objective, and the 95 % interval',
    ['side', 'objective', 'capacity', 'confirmed at', 'most in the closed model', ...(isSaid ? [''] : [])],
    run.sides.map((side) => [
      side.side,
      // It may break where a term ends.
      html`${side.objective.split(/(?<=,)/).map((term) => html`${term}<wbr>`)}`,
      capacityInColumn(side),
      side.confirmed === undefined ? '–' : rateInWords(side.confirmed),
      rateInWords(mostOf(side)?.tps ?? Number.NaN),
      ...(isSaid ? [insteadOf(side) ?? ''] : []),
    ]),
  )}
${
  ratios.length > 0 &&
  htmlTable(
    'Ratio of capacities, of rounds in which both took part',
    ['', 'median [95 %]'],
    ratios.map((ratio) => [`${ratio.side} ÷ ${ratio.last}`, withInterval({ ...ratio, pairs: 0 })]),
  )
}`
}

/** All rates of a side have the same terms, so that each has a column. */
const ratesTable = ({ side, objective, rates }: CapacitySide) => {
  const terms = rates[0]?.terms.map(({ text }) => `${text} [95 %]`) ?? []
  return html`<div class="long">${htmlTable(
    `${side}: ${objective}`,
    [
      ...['requests a second', '', ...terms, 'p50 ms', 'p99 ms', 'answered ÷ due', 'client late, p99 ms'],
      ...['null server, p99 ms', 'found no client free', 'rounds', ''],
    ],
    rates.map(({ rate, verdict, terms, latencyMs, achieved, client, rounds, why = '' }) => [
      rateInWords(rate),
      marked(outcomeOf[verdict]),
      ...terms.map(termInWords),
      figure(latencyMs.p50),
      figure(latencyMs.p99),
      percent(Number(achieved.toPrecision(3))),
      figure(client.lateP99Ms),
      client.nullP99Ms === undefined ? '–' : figure(client.nullP99Ms),
      percent(client.waited),
      String(rounds),
      why,
    ]),
  )}</div>`
}

const verdictKey = html`<ul class="key">${Object.entries(charts.marks).map(
  ([verdict, { sign }]) =>
    html`<li><b class="${outcomeOf[verdict as keyof typeof charts.marks]}">${sign}</b> ${verdict}</li>`,
)}</ul>`

/** What is said above the chart, for no colour tells it. */
function aboutLatency(side: CapacitySide): string {
  const instead = insteadOf(side)
  return [
    `${side.objective}, on a logarithmic axis. The thin line is the nearest to all points that never falls.`,
    instead === undefined
      ? 'The thick one is the capacity, the band its 95 % interval.'
      : `There is no capacity: ${instead}.`,
    ...(side.atLeast ? ['The dotted line is what it does at least.'] : []),
  ].join(' ')
}

function scalingTables(run: CapacityRun): Markup {
  const fitted = (run.scaling ?? []).flatMap(({ side, law }) => ('impossible' in law ? [] : [{ side, law }]))
  const laws = lawTable(run.scaling ?? [])
  const curve = (side: string, clients: number) =>
    fitted.find((each) => each.side === side)?.law.levels.find((level) => level.clients === clients)
  return html`${htmlTable(
    'Requests a second by number of clients',
    ['side', 'clients', 'measured', 'fitted', 'residual'],
    run.sides.flatMap(({ side, closed }) =>
      closed.map(({ clients, tps }) => {
        const level = curve(side, clients)
        return [
          side,
          String(clients),
          figure(tps),
          level ? figure(level.fitted) : '–',
          level ? percent(Number(level.residual.toPrecision(3))) : '–',
        ]
      }),
    ),
  )}
${laws.rows.length > 0 && htmlTable(`The law, ${law}, with 95 % intervals`, laws.head, laws.rows)}
${notesOf(laws.notes)}`
}

const notesOf = (notes: string[]) => notes.map((note) => html`<p class="soft">${note}.</p>`)

function ofPlan({ plan }: CapacityRun): Markup | undefined {
  if (!plan) return undefined
  const { head, rows, notes } = planTable(plan)
  return html`${htmlTable(planTitle(plan), head, rows)}${notesOf(notes)}`
}

/** At every quarter of the demand. */
function costsTable(run: CapacityRun): Markup {
  const rows = data.costs(run)
  const sides = [...new Set(rows.map(({ key: side }) => side))]
  const demands = [...new Set(rows.map(({ demand }) => demand))].filter((_, index) => index % 10 === 9)
  return htmlTable(
    "Cost an hour of all hosts [at the ends of the capacity's interval]",
    ['predictions a second', ...sides],
    demands.map((demand) => [
      rateInWords(demand),
      ...sides.map((side) => {
        const row = rows.find((each) => each.key === side && each.demand === demand)
        return row
          ? `${figure(row.hour)} [${figure(row.low)}, ${row.isEndless ? '∞' : figure(row.high)}]`
          : '–'
      }),
    ]),
  )
}

function allCharts(run: CapacityRun): Markup {
  const sideKey = legendOf(run.sides.map(({ side }) => side))
  return html`<div class="charts two">
${run.sides
  .filter(({ rates }) => rates.length > 0)
  .map((side) =>
    chart(
      `Latency of ${side.side} by rate`,
      aboutLatency(side),
      verdictKey,
      charts.latencyByRate(side),
      ratesTable(side),
    ),
  )}
${
  run.sides.some(({ closed }) => closed.length > 0) &&
  chart(
    'Throughput by clients',
    `The closed model: each client waits for its answer. Rings are measured${data.curves(run).length > 0 ? '; the line is the Universal Scalability Law, its band the 95 % interval, up to twice the most clients' : ''}.`,
    sideKey,
    charts.throughput(run),
    scalingTables(run),
  )
}
${
  data.costs(run).length > 0 &&
  chart(
    'Cost by demand',
    'An hour of all hosts, spare ones included. The dashed line is the demand that was asked for.',
    sideKey,
    charts.costByDemand(run),
    costsTable(run),
  )
}
</div>`
}

const ofResources = (run: CapacityRun) =>
  run.resources.map(
    (resources) => html`<p>${endsFirst(resources as Resources)}</p>
${htmlTable(`${resources.side} at ${rateInWords(resources.rate)} requests a second`, ['', 'used'], usedOf(resources))}`,
  )

export function capacityHtml(run: CapacityRun): string {
  const { verdict, premises, settings } = run
  const broken = premises.filter(({ holds }) => !holds)
  const confirmations = confirmationsOf(run)
  const plan = ofPlan(run)
  const missed = missedOf(run)
  return page(
    `Capacity: ${sentence(run)}`,
    html`<header><h1>Capacity · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${sentence(run)} ${outcomeMark(verdict.outcome)}</p>
${broken.length > 0 && html`<p class="fail">These figures mean nothing, for a premise is broken: ${broken.map((premise) => `${premise.name}: ${seenInWords(premise)}`).join('; ')}</p>`}
${headline(run)}
</header>
<main>
<h2>What was measured</h2>
${allCharts(run)}
${plan && html`<h2>Hosts</h2>${plan}`}
${ofBatches(run.batches)}
${
  confirmations.length > 0 &&
  html`<h2>Confirmation</h2>
${htmlTable(
  'Fresh sessions: a client and, where these are ours, targets started anew',
  ['side', 'requests a second', 'held'],
  confirmations.map(({ side, rate, held, of }) => [side, rateInWords(rate), `${held} of ${of}`]),
)}`
}
${run.resources.length > 0 && html`<h2>What is used at the highest rate that held</h2>${ofResources(run)}`}
${
  verdict.checks.length > 0 &&
  html`<h2>Thresholds</h2>
${htmlTable(
  'What thresholds.json expects',
  ['threshold', 'measured', 'bound', '', ''],
  verdict.checks.map((check) => [
    check.threshold,
    measuredInWords(check),
    boundInWords(check),
    marked(check.outcome),
    check.why ?? '',
  ]),
)}`
}
<h2>Premises</h2>
${premiseList(premises)}
${
  missed.length > 0 &&
  html`<h2>Failures</h2>
${htmlTable(
  `What failed: ${whatMissedIs}`,
  failureHead,
  missed.map((each) => Object.values(each)),
)}`
}
<h2>Method</h2>
<p>Requests were due at ${settings.arrivals === 'poisson' ? 'Poisson' : 'even'} arrivals, whether earlier ones were answered or not; latency counts from when each was due. The sides took turns at rates of their own, close in time.
An interval comes of a bootstrap over sessions, then rounds. A capacity is told of only where fresh sessions held the objective at a rate.</p>
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['machine', machineInWords(run.machine)],
        ...Object.entries(run.targets),
        ['versions', versionsInWords(run.versions)],
        [
          'asked',
          `at most ${settings.clients} clients, ${figure(settings.block)} s of each side in a round, ${settings.sessions} session${settings.sessions === 1 ? '' : 's'}, ${Math.round(settings.seconds)} s in all`,
        ],
        ...rowsAndKeysInWords(run.workload),
        ['seed', String(settings.seed)],
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
