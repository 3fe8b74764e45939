/** Markdown for a pull request's summary: what was found of each side; the rates behind it folded away. */
import { endsFirst, type Resources } from '../../gap/capacity/resources.ts'
import { batchesMarkdown } from '../batches.ts'
import { missedOf, whatMissedIs } from '../failures.ts'
import { brokenInMarkdown, failuresTable, mark, markdownTable, plain } from '../markup.ts'
import { figure, withInterval } from '../table.ts'
import { machineInWords, versionsInWords } from '../words.ts'
import { planTable, planTitle } from './hosts.ts'
import type { CapacityRun } from './run.ts'
import {
  boundInWords,
  capacityInColumn,
  insteadOf,
  measuredInWords,
  mostOf,
  outcomeOf,
  percent,
  rateInWords,
  ratiosOf,
  sentence,
  termInWords,
} from './words.ts'

const folded = (title: string, ...parts: string[]) => [
  `<details><summary>${title}</summary>\n`,
  ...parts,
  '\n</details>',
]

function ofPlan(plan: NonNullable<CapacityRun['plan']>): string[] {
  const { head, rows, notes } = planTable(plan)
  return [
    `${plain(planTitle(plan))}:`,
    markdownTable(
      head.map(plain),
      rows.map((row) => row.map(plain)),
    ),
    ...notes.map((note) => `${plain(note)}.`),
  ]
}

export function capacityMarkdown(run: CapacityRun): string {
  const { sides, verdict, machine, versions, targets } = run
  const ratios = ratiosOf(run)
  const missed = missedOf(run)
  return [
    '## Capacity',
    `**${plain(sentence(run))}**`,
    ...brokenInMarkdown(run.premises),
    markdownTable(
      ['side', 'objective', 'requests a second', 'confirmed at', 'most in the closed model', ''],
      sides.map((side) => [
        plain(side.side),
        plain(side.objective),
        plain(capacityInColumn(side)),
        side.confirmed === undefined ? '–' : rateInWords(side.confirmed),
        rateInWords(mostOf(side)?.tps ?? Number.NaN),
        plain(insteadOf(side) ?? ''),
      ]),
    ),
    ...(ratios.length > 0
      ? [
          markdownTable(
            ['ratio of capacities', ''],
            ratios.map((ratio) => [
              plain(`${ratio.side} ÷ ${ratio.last}`),
              plain(withInterval({ ...ratio, pairs: 0 })),
            ]),
          ),
        ]
      : []),
    ...run.resources.map((resources) => plain(endsFirst(resources as Resources))),
    ...(run.plan ? ofPlan(run.plan) : []),
    ...(run.batches ? [batchesMarkdown(run.batches)] : []),
    ...(missed.length > 0 ? [`What failed (${whatMissedIs}):`, failuresTable(missed)] : []),
    ...(verdict.checks.length > 0
      ? folded(
          'Thresholds',
          markdownTable(
            ['threshold', 'measured', 'bound', ''],
            verdict.checks.map((check) => [
              `\`${check.threshold}\``,
              plain(measuredInWords(check)),
              boundInWords(check),
              `${mark[check.outcome]}${check.why ? `: ${plain(check.why)}` : ''}`,
            ]),
          ),
        )
      : []),
    ...folded(
      'Rates',
      markdownTable(
        ['side', 'requests a second', '', 'seen', 'p50 ms', 'p99 ms', 'answered', 'client late p99 ms'],
        sides.flatMap(({ side, rates }) =>
          rates.map(({ rate, verdict, terms, latencyMs, achieved, client }) => [
            plain(side),
            rateInWords(rate),
            mark[outcomeOf[verdict]],
            terms.map((term) => plain(`${term.text}: ${termInWords(term)}`)).join('<br>'),
            figure(latencyMs.p50),
            figure(latencyMs.p99),
            percent(achieved),
            figure(client.lateP99Ms),
          ]),
        ),
      ),
    ),
    ...folded(
      'Run',
      markdownTable(
        ['', ''],
        [
          ['machine', machineInWords(machine)],
          ['versions', versionsInWords(versions)],
          ...Object.entries(targets),
          ['repeat', run.command],
        ].map((row) => row.map((cell) => plain(cell as string))),
      ),
    ),
    '',
  ].join('\n\n')
}
