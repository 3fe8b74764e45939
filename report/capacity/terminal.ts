/** A search for capacities as people read it in a terminal, within 80 columns. */
import { endsFirst, type Resources } from '../../gap/capacity/resources.ts'
import { batchesReport } from '../batches.ts'
import { colour } from '../colour.ts'
import { missedOf, whatMissedIs } from '../failures.ts'
import { facts, failureLines, heading, mark, premiseLines, wrapped } from '../lines.ts'
import { figure, table, withInterval } from '../table.ts'
import { machineInWords, rowsAndKeysInWords, versionsInWords } from '../words.ts'
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

const note = (text: string) => `  ${colour.yellow('!')} ${wrapped(text, 74, 4)}`

/** A long objective in lines of their own. */
const objectiveInLines = (objective: string) => objective.split(/(?<=,)/).join('\n')

function sideRows({ sides }: CapacityRun): string[][] {
  return sides.map((side) => {
    const most = mostOf(side)
    return [
      side.side,
      objectiveInLines(side.objective),
      capacityInColumn(side),
      side.confirmed === undefined ? '-' : rateInWords(side.confirmed),
      most ? rateInWords(most.tps) : '-',
    ]
  })
}

const instead = (run: CapacityRun) =>
  run.sides.flatMap((side) => {
    const why = insteadOf(side)
    return why === undefined ? [] : [note(`${side.side}: ${why}`)]
  })

/** A row for each rate, and below it one for each further term of the objective. */
const rateRows = ({ rates }: CapacitySide): string[][] =>
  rates.flatMap(({ rate, verdict, terms, latencyMs, achieved }) => [
    [
      rateInWords(rate),
      mark[outcomeOf[verdict]],
      terms[0] ? termInWords(terms[0]) : '',
      figure(latencyMs.p50),
      figure(latencyMs.p99),
      percent(Number(achieved.toPrecision(3))),
    ],
    ...terms.slice(1).map((term) => [`  ${term.text}`, '', termInWords(term), '', '', '']),
  ])

/** What the figures beside a rate do not say already. */
const whys = ({ rates }: CapacitySide) =>
  rates.flatMap(({ rate, why, terms }) =>
    why && !terms.some(({ text }) => why.startsWith(text)) ? [note(`${rateInWords(rate)}/s: ${why}`)] : [],
  )

const clientRows = ({ sides }: CapacityRun): string[][] =>
  sides.flatMap(({ side, rates }) =>
    rates.map(({ rate, due, rounds, client }) => [
      side,
      rateInWords(rate),
      String(rounds),
      Math.round(due).toLocaleString('en'),
      figure(client.lateP99Ms),
      client.nullP99Ms === undefined ? '-' : figure(client.nullP99Ms),
      percent(client.waited),
    ]),
  )

function ofResources(run: CapacityRun): string[] {
  return run.resources.flatMap((resources, index) => [
    ...(index > 0 ? [''] : []),
    table([`${resources.side}, ${rateInWords(resources.rate)}/s`, ''], usedOf(resources)),
    `  ${wrapped(endsFirst(resources as Resources), 76, 2)}`,
  ])
}

const withNotes = ({ head, rows, notes }: ReturnType<typeof planTable>) => [
  ...(rows.length > 0 ? [table(head, rows)] : []),
  ...notes.map(note),
]

/** Without a heading, which `gate` has no need of. */
export function thresholdLines({ verdict: { checks } }: CapacityRun): string[] {
  if (checks.length === 0) return []
  return [
    table(
      ['', 'measured', 'bound', ''],
      checks.map((check) => [
        check.threshold,
        measuredInWords(check),
        boundInWords(check),
        mark[check.outcome],
      ]),
    ),
    ...checks.flatMap(({ threshold, why }) => (why ? [note(`${threshold}: ${why}`)] : [])),
  ]
}

export function capacityReport(run: CapacityRun): string {
  const { arrivals, clients, block, seed, sessions, seconds } = run.settings
  const ratios = ratiosOf(run)
  const confirmations = confirmationsOf(run)
  const missed = missedOf(run)
  return [
    heading('Capacity', 'requests a second that hold the objective, from when due'),
    table(['side', 'objective', 'capacity [95 %]', 'confirmed', 'closed'], sideRows(run)),
    ...instead(run),
    ...(ratios.length > 0
      ? [
          '',
          table(
            ['ratio of capacities', '[95 %]'],
            ratios.map((ratio) => [`${ratio.side} ÷ ${ratio.last}`, withInterval({ ...ratio, pairs: 0 })]),
          ),
        ]
      : []),
    '',
    `  ${colour.bold(wrapped(sentence(run), 76, 2))}`,
    ...run.sides.flatMap((side) => [
      heading(`Rates of ${side.side}`, `${side.objective}; ms`),
      table(['/s', '', 'seen [95 %]', 'p50', 'p99', 'answered'], rateRows(side)),
      ...whys(side),
    ]),
    heading('Client', 'ms: how late it sent, and what a null server answered in; p99'),
    table(['side', '/s', 'rounds', 'requests', 'late', 'null', 'no client free'], clientRows(run)),
    ...(confirmations.length > 0
      ? [
          heading('Confirmed by fresh sessions'),
          table(
            ['side', '/s', 'sessions that held'],
            confirmations.map(({ side, rate, held, of }) => [side, rateInWords(rate), `${held} of ${of}`]),
          ),
        ]
      : []),
    ...(run.resources.length > 0
      ? [heading('What is used', 'at the highest rate that held'), ...ofResources(run)]
      : []),
    ...(run.scaling ? [heading('Throughput by clients', law), ...withNotes(lawTable(run.scaling))] : []),
    ...(run.plan ? [heading('Hosts', planTitle(run.plan)), ...withNotes(planTable(run.plan))] : []),
    ...(run.batches ? [batchesReport(run.batches)] : []),
    ...(run.verdict.checks.length > 0 ? [heading('Thresholds'), ...thresholdLines(run)] : []),
    ...(run.premises.length > 0 ? [heading('Premises'), ...premiseLines(run.premises)] : []),
    ...(missed.length > 0 ? [heading('Failures', whatMissedIs), ...failureLines(missed)] : []),
    heading('Run'),
    facts([
      ['machine', machineInWords(run.machine)],
      ...Object.entries(run.targets),
      ['versions', versionsInWords(run.versions)],
      [
        'asked',
        `${arrivals === 'poisson' ? 'Poisson' : 'even'} arrivals, at most ${clients} clients, rounds with ${figure(block)} s of each side in ${sessions} session${sessions === 1 ? '' : 's'}, ${Math.round(seconds)} s in all`,
      ],
      ...rowsAndKeysInWords(run.workload),
      ['seed', String(seed)],
      ['repeat', run.command],
    ]),
    '',
    colour.bold(sentence(run)),
  ].join('\n')
}
