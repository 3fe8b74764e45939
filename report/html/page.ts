/** report.html: one file that needs nothing else, no script, no network. */
import { netGap } from '../../gap/cost.ts'
import { isOpenModel } from '../../gap/measurement.ts'
import { failureHead, failuresOf, seenInWords, whatFailuresAre } from '../failures.ts'
import { notes } from '../notes.ts'
import type { Run } from '../run.ts'
import { figure, times, withInterval } from '../table.ts'
import { sentence } from '../terminal.ts'
import { accountedInWords, allTimes, shortTimes } from '../time.ts'
import {
  boundInWords,
  clientsInWords,
  machineInWords,
  measuredInWords,
  modesInWords,
  offeredInWords,
  partsInWords,
  rowsAndKeysInWords,
  versionsInWords,
} from '../words.ts'
import { ofBatches } from './batches.ts'
import * as charts from './charts.ts'
import * as data from './data.ts'
import { html, htmlTable, type Markup } from './markup.ts'
import { chart, key, marked, outcomeMark, page, premiseList } from './parts.ts'

const sideKey = (run: Run, sides: string[]) => charts.legendOf(sides, data.sidesOf(run))

/**
 * What the run says first: each side at the fewest clients or, where the workload knows somebody else's figures, at the number of clients that
 * these are of. Of a rate that was given, or of other numbers of clients, theirs say nothing.
 */
function headline(run: Run): Markup {
  const { verdict, costs, measurement } = run
  const { sides, clients: numbers, rate } = measurement.settings
  const isBeside = !isOpenModel(measurement) && numbers.includes(run.published?.clients ?? 0)
  const published = isBeside ? run.published : undefined
  const clients = published?.clients ?? Math.min(...numbers)
  const last = sides.at(-1) as string
  const of = (value: number | undefined, unit = '') => (value === undefined ? '–' : `${figure(value)}${unit}`)
  const ratio = (value: number | undefined) => (value === undefined ? '–' : times(value))
  const rows = [
    ...sides.flatMap((side) => {
      const seen = verdict.figures.find((each) => each.key === side && each.clients === clients)
      const theirs = published?.sides[side]
      return [
        [`${side}, TPS`, of(seen?.tps), of(theirs?.tps)],
        [`${side}, mean latency`, of(seen?.latencyMs.mean, ' ms'), of(theirs?.meanMs, ' ms')],
      ]
    }),
    ...sides.slice(0, -1).flatMap((side) => {
      const gap = verdict.gaps.find((each) => each.key === side && each.clients === clients)
      const net = netGap(costs, side, last, clients)
      const theirs = side === sides[0] ? published?.gap : undefined
      return [
        isOpenModel(measurement)
          ? [`gap, mean latency, ${last} ÷ ${side}`, gap ? withInterval(gap.mean) : '–']
          : [`gap, TPS, ${side} ÷ ${last}`, gap ? withInterval(gap.tps) : '–', ratio(theirs?.tps)],
        ...(net === undefined ? [] : [['gap net of client cost', times(net), '–']]),
      ]
    }),
    ...(verdict.trainingMemoryRatio === undefined
      ? []
      : [
          ['gap, training memory', times(verdict.trainingMemoryRatio), ratio(published?.gap?.trainingMemory)],
        ]),
  ]
  const title = `${isOpenModel(measurement) ? `${rate} requests a second` : clientsInWords(clients)}${published ? ', beside the published benchmark' : ''}`
  return htmlTable(
    `${title.charAt(0).toUpperCase()}${title.slice(1)}`,
    ['', 'here', ...(published ? ['published'] : [])],
    rows.map((row) => row.slice(0, published ? 3 : 2)),
  )
}

function allCharts(run: Run): Markup {
  const legend = sideKey(run, data.sidesOf(run))
  const last = run.measurement.settings.sides.at(-1)
  const perSide = htmlTable(
    'By side and number of clients',
    ['side', 'clients', 'TPS', 'mean ms', 'p50', 'p95', 'p99', 'max', 'failed'],
    run.verdict.figures.map(({ key, clients, tps, latencyMs, failures }) => [
      key,
      String(clients),
      figure(tps),
      ...[latencyMs.mean, latencyMs.p50, latencyMs.p95, latencyMs.p99, latencyMs.max].map(figure),
      String(failures),
    ]),
  )
  const gapTable = htmlTable(
    `Each side against ${last}; above 1 it wins`,
    ['side', 'clients', 'figure', 'median [95 %]'],
    data
      .gaps(run)
      .map(({ key, clients, figure: name, ...ratio }) => [key, String(clients), name, withInterval(ratio)]),
  )
  const theirs = data.publishedRates(run)
  const shownRanks = [1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 99.99]
  const points = data.distribution(run)
  const drawnMemory = charts.memory(run)
  const time = data.overTime(run)
  const pieces = data.pieces(run)
  const { serving = [] } = run
  const [served] = serving
  return html`<div class="charts two">
${chart(
  'Throughput',
  data.hasSeveral(run)
    ? `Right answers a second; a dot for each block, a line for all of them.${
        theirs.length > 0
          ? ' Diamonds are published, crosses too, with a pool between clients and database.'
          : ''
      }`
    : 'Right answers a second, with the 95 % interval of their blocks.',
  legend,
  charts.throughput(run),
  html`${perSide}${
    data.hasSeveral(run) &&
    theirs.length > 0 &&
    htmlTable(
      'As published',
      ['side', 'clients', 'between', 'TPS'],
      theirs.map(({ key, clients, between, tps }) => [key, String(clients), between, figure(tps)]),
    )
  }`,
)}
${chart(
  'Latency',
  data.hasSeveral(run)
    ? 'As the client sees it: p50 solid, p95 dashed, p99 dotted.'
    : 'As the client sees it, with the 95 % intervals of its blocks.',
  legend,
  charts.latency(run),
  perSide,
)}
${
  data.gaps(run).length > 0 &&
  chart(
    'The gap',
    `${isOpenModel(run.measurement) ? `Mean latency of ${last} ÷ that of each side` : `TPS ÷ that of ${last}`}: median of the pairs with its 95 % interval.${
      data.gapsInView(run).rows.some(({ isCut }) => isCut)
        ? ' One that ends at the upper edge goes on beyond it.'
        : ''
    }`,
    legend,
    charts.gap(run),
    gapTable,
  )
}
${data.sharesByBuild(run).map((shares) =>
  chart(
    'Whose the gap is',
    `The gap in TPS has two factors: what a side gains on ${shares[0]?.by} is the architecture's, and what that gains on ${last} is the implementation's.`,
    key(charts.factors.map((name) => ({ name, colour: charts.factorColour(name) }))),
    charts.shares(shares),
    htmlTable(
      'Their product is the gap',
      ['side', 'clients', 'architecture [95 %]', 'implementation [95 %]'],
      shares.map(({ key, clients, architecture, implementation }) => [
        ...[key, String(clients)],
        ...[architecture, implementation].map(withInterval),
      ]),
    ),
  ),
)}
${chart(
  'Distribution of latency',
  `At ${clientsInWords(Math.min(...run.measurement.settings.clients))}, on a logarithmic axis.`,
  legend,
  charts.distribution(run),
  htmlTable(
    'Milliseconds within which a share of the requests was answered',
    ['side', ...shownRanks.map((rank) => `${rank} %`)],
    data.sidesOf(run).map((side) => [
      side,
      ...shownRanks.map((rank) => {
        const point = points.find((each) => each.key === side && each.rank === rank)
        return point ? figure(point.ms) : ''
      }),
    ]),
  ),
)}
${
  pieces.length > 0 &&
  chart(
    'Where the time goes',
    "A client's time for an answer at the fewest clients, as far as pieces of it were measured; what is not taken apart is named as one.",
    key(charts.partsOf(run).map((name) => ({ name, colour: charts.partColour(run, name) }))),
    charts.pieces(run),
    htmlTable(
      'Milliseconds of a client for an answer',
      ['side', 'part', 'ms'],
      pieces.map(({ key, part, ms }) => [key, part, figure(ms)]),
    ),
  )
}
${
  drawnMemory &&
  chart(
    'Memory',
    'The most that training ever had resident, and what serving has with so many clients connected, all parts of a side together.',
    sideKey(run, [...new Set(data.memory(run).map(({ key }) => key))]),
    drawnMemory,
    html`${
      run.training &&
      htmlTable(
        'Training',
        ['side', 'peak', 'seconds', 'measured by'],
        Object.entries(run.training).map(([side, { peakBytes, seconds, peakMethod }]) => [
          side,
          `${figure(peakBytes / 1e6)} MB`,
          figure(seconds),
          peakMethod,
        ]),
      )
    }${
      served &&
      htmlTable(
        'Serving: all processes of each, MB; what they share counts once',
        ['clients', ...served.parts.map(({ side, what }) => `${side}: ${what}`)],
        serving.map(({ clients, parts }) => [
          String(clients),
          ...parts.map(({ bytes }) => figure(bytes / 1e6)),
        ]),
      )
    }`,
  )
}
</div><div class="charts" style="margin-top:1.5rem">
${chart(
  'Over time',
  `A client's time for an answer, turn by turn, at ${clientsInWords(Math.min(...run.measurement.settings.clients))}: what the machine did to all sides alike.`,
  legend,
  charts.overTime(run),
  htmlTable(
    'By session',
    ['side', 'session', 'turns drawn', 'least ms', 'most ms'],
    run.measurement.settings.sides.flatMap((side) =>
      [...new Set(time.map(({ session }) => session))].map((session) => {
        const own = time.filter((each) => each.key === side && each.session === session).map(({ ms }) => ms)
        return [side, String(session), String(own.length), figure(Math.min(...own)), figure(Math.max(...own))]
      }),
    ),
  ),
)}</div>`
}

/** How it was measured. Of one side alone there are no pairs; turns that several k6 share, or in which requests are due, are longer. */
function method({ measurement }: Run): string {
  const { sides, sessions, pairs, clients, blockSeconds } = measurement.settings
  const isShort = !isOpenModel(measurement) && measurement.parts === undefined
  const [who, what] =
    sides.length > 1
      ? ['All sides were asked the same keys', 'pairs of blocks']
      : ['The side was asked', 'blocks']
  const [only, ...more] = clients
  const at = more.length > 0 ? `each of ${clients.join(', ')} clients` : clientsInWords(only as number)
  return [
    `${who} in turns${isShort ? ' of milliseconds' : ''}, in ${sessions} session${sessions === 1 ? '' : 's'} with a client and, where these are ours, targets started anew,`,
    `${pairs} ${what} of ${blockSeconds} s in all at ${at}.`,
    ...(sides.length > 1
      ? [
          'Each pair gives one ratio; shown is their median with a 95 % bootstrap interval over sessions, then pairs.',
        ]
      : []),
  ].join(' ')
}

export function htmlReport(run: Run): string {
  const { verdict, premises, machine, versions, targets, measurement, parity } = run
  const { seed } = measurement.settings
  const failures = failuresOf(run)
  const broken = premises.filter(({ holds }) => !holds)
  const said = notes(run)
  const modes = modesInWords(measurement)
  const shares = partsInWords(measurement)
  const [timesHead, ...times] = shortTimes(measurement) ?? []
  return page(
    `Inference gap: ${sentence(run)}`,
    html`<header><h1>Inference gap · ${run.startedAt.slice(0, 16).replace('T', ' ')} UTC</h1>
<p class="verdict">${sentence(run)} ${outcomeMark(verdict.outcome)}</p>
${broken.length > 0 && html`<p class="fail">These figures mean nothing, for a premise is broken: ${broken.map((premise) => `${premise.name}: ${seenInWords(premise)}`).join('; ')}</p>`}
${headline(run)}
</header>
<main>
<h2>What was measured</h2>
${allCharts(run)}
${ofBatches(run.batches)}
${
  verdict.checks.length > 0 &&
  html`<h2>Thresholds</h2>
${htmlTable(
  'What thresholds.json expects',
  ['threshold', 'clients', 'measured', 'bound', ''],
  verdict.checks.map((check) => [
    check.threshold,
    check.clients === undefined ? '' : String(check.clients),
    measuredInWords(check),
    boundInWords(check),
    marked(check.outcome),
  ]),
)}`
}
${
  timesHead &&
  html`<h2>Outside the turns</h2>
<p class="soft">What passes between the requests that count is part of no latency. In all sessions ${accountedInWords(measurement)}.</p>
${htmlTable('Seconds of a client, its mean, and the longest in milliseconds', timesHead, times)}
<details><summary>By number of clients</summary>${htmlTable(
    'Everything that clients did',
    ['side', 'clients', 'phase', 'what', 'count', 'failed', 's of a client', 'median ms', 'longest ms'],
    allTimes(measurement),
  )}</details>`
}
<h2>Premises</h2>
${premiseList(premises)}
${
  failures.length > 0 &&
  html`<h2>Failures</h2>
${htmlTable(
  `What failed: ${whatFailuresAre}`,
  failureHead,
  failures.map((each) => Object.values(each)),
)}`
}
${said.length > 0 && html`<h2>Notes</h2><ul class="notes">${said.map((note) => html`<li>${note}</li>`)}</ul>`}
<h2>Method</h2>
<p>${method(run)} Percentiles come from HDR histograms of every request. Client cost is what the same client needs
for an answer that takes its side no time.</p>
<h2>Run</h2>
<div class="facts">${htmlTable(
      'What took part',
      ['', ''],
      [
        ['machine', machineInWords(machine)],
        ...Object.entries(targets),
        ...(shares ? [['parts', shares]] : []),
        ...(run.between ? [['between', run.between]] : []),
        ...(run.offered ? [['offered', offeredInWords(run.offered)]] : []),
        ['versions', versionsInWords(versions)],
        ...(modes ? [['query mode', modes]] : []),
        ...rowsAndKeysInWords(run.workload),
        ['seed', String(seed)],
        ...(parity ? [['parity', `${parity.keys} keys, ${parity.identical} bit-identical`]] : []),
        ['repeat', html`<code>${run.command}</code>`],
      ],
    )}</div>
</main>`,
  )
}
