/** capacity.html: one file that needs nothing else, no script, no network. */
import { endsFirst, type Resources } from '../../gap/capacity/resources.ts'
import { failureHead, missedOf, seenInWords, whatMissedIs } from '../failures.ts'
import { html, htmlTable, type Markup } from '../html/markup.ts'
import { chart, key, marked, page } from '../html/parts.ts'
import { figure, withInterval } from '../table.ts'
import { machineInWords, versionsInWords } from '../words.ts'
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
  return html`${htmlTable(
    'Requests a second at which each side holds its objective, and the 95 % interval',
    ['side', 'objective', 'capacity', 'confirmed at', 'most in the closed model', ''],
    run.sides.map((side) => [
      side.side,
      side.objective,
      capacityInColumn(side),
      side.confirmed === undefined ? '–' : rateInWords(side.confirmed),
      rateInWords(mostOf(side)?.tps ?? Number.NaN),
      insteadOf(side) ?? '',
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

const ratesTable = ({ side, objective, rates }: CapacitySide) =>
  htmlTable(
    `${side}: ${objective}`,
    [
      ...[
        'requests a second',
        '',
        'seen [95 %]',
        'p50 ms',
        'p99 ms',
        'answered ÷ due',
        'client late, p99 ms',
      ],
      ...['null server, p99 ms', 'found no client free', 'rounds', ''],
    ],
    rates.map(({ rate, verdict, terms, latencyMs, achieved, client, rounds, why = '' }) => [
      rateInWords(rate),
      marked(outcomeOf[verdict]),
      html`${terms.map((term, index) => html`${index > 0 && html`<br>`}${terms.length > 1 && `${term.text}: `}${termInWords(term)}`)}`,
      figure(latencyMs.p50),
      figure(latencyMs.p99),
      percent(achieved),
      figure(client.lateP99Ms),
      client.nullP99Ms === undefined ? '–' : figure(client.nullP99Ms),
      percent(client.waited),
      String(rounds),
      why,
    ]),
  )

const verdictKey = key(Object.values(charts.marks).map(({ words: name, colour }) => ({ name, colour })))

/** What is said below the chart, for no colour tells it. */
function aboutLatency(side: CapacitySide): string {
  const band = insteadOf(side) === undefined
  return `${side.objective}, on a logarithmic axis.${band ? ' The line is the capacity, the band its 95 % interval.' : ` There is no capacity: ${insteadOf(side)}.`}`
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

function allCharts(run: CapacityRun): Markup {
  const colour = charts.sidesColour(run)
  const sideKey = key(run.sides.map(({ side: name }) => ({ name, colour: colour({ key: name }) })))
  const plan = ofPlan(run)
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
  plan &&
  data.costs(run).length > 0 &&
  chart(
    'Cost by demand',
    'An hour of all hosts, spare ones included. The dashed line is the demand that was asked for.',
    sideKey,
    charts.costByDemand(run),
    plan,
  )
}
</div>`
}

const ofResources = (run: CapacityRun) =>
  run.resources.map(
    (resources) => html`<p>${endsFirst(resources as Resources)}</p>
${htmlTable(`${resources.side} at ${rateInWords(resources.rate)} requests a second`, ['', 'used'], usedOf(resources))}`,
  )

const ofBatches = ({ batches = [] }: CapacityRun) =>
  batches.length > 0 &&
  html`<h2>Several keys at once</h2>
${htmlTable(
  'Predictions a second and latency of a whole request, by how many keys it asks for',
  [
    'side',
    'keys',
    'clients',
    'predictions a second',
    'p50 ms',
    'p99 ms',
    'against the fewest',
    'against the last side',
  ],
  batches.map(({ side, size, clients, predictionsPerSecond, latencyMs, gain, gap }) => [
    side,
    String(size),
    String(clients),
    figure(predictionsPerSecond),
    figure(latencyMs.p50 ?? Number.NaN),
    figure(latencyMs.p99 ?? Number.NaN),
    gain ? withInterval(gain) : '–',
    gap ? withInterval(gap) : '–',
  ]),
)}`

export function capacityHtml(run: CapacityRun): string {
  const { verdict, premises, settings } = run
  const broken = premises.filter(({ holds }) => !holds)
  const confirmations = confirmationsOf(run)
  const plan = ofPlan(run)
  const missed = missedOf(run)
  return page(
    `Capacity: ${sentence(run)}`,
    html`<header><h1>Capacity · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${sentence(run)} <span class="${broken.length > 0 ? 'fail' : verdict.outcome}">${broken.length > 0 ? '✗' : { pass: '✓', fail: '✗', undecided: '?' }[verdict.outcome]}</span></p>
${broken.length > 0 && html`<p class="fail">These figures mean nothing, for a premise is broken: ${broken.map((premise) => `${premise.name}: ${seenInWords(premise)}`).join('; ')}</p>`}
${headline(run)}
</header>
<main>
<h2>What was measured</h2>
${allCharts(run)}
${plan && html`<h2>Hosts</h2>${plan}`}
${ofBatches(run)}
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
<ul class="notes">${premises.map((premise) => html`<li><span class="${premise.holds ? 'pass' : 'fail'}">${premise.holds ? '✓' : '✗'}</span> <strong>${premise.name}</strong>: ${seenInWords(premise)}${premise.next && ` → ${premise.next}`}</li>`)}</ul>
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
          `at most ${settings.clients} clients, ${figure(settings.block)} s of each side in a round, ${settings.sessions} sessions, ${Math.round(settings.seconds / 60)} minutes`,
        ],
        ['seed', String(settings.seed)],
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
