/** Markdown for a pull request's summary, and for a page of documentation: the tables of trainings. */
import { mark, markdownTable, plain } from '../markup.ts'
import { machineInWords, versionsInWords } from '../words.ts'
import type { TrainingRun } from './run.ts'
import {
  agreementHead,
  agreementRows,
  boundsHead,
  boundsRows,
  costHead,
  costRows,
  growthHead,
  growthRows,
  sentence,
  setUp,
} from './words.ts'

const cells = (rows: string[][]) => rows.map((row) => row.map(plain))

export function trainingMarkdown(run: TrainingRun): string {
  const [growth, agreement] = [growthRows(run), agreementRows(run)]
  return [
    '## Training',
    `**${plain(sentence(run))}**`,
    markdownTable(costHead, cells(costRows(run))),
    ...(growth.length > 0 ? ['How each way grows:', markdownTable(growthHead, cells(growth))] : []),
    ...(agreement.length > 0
      ? ["Predictions beside those of the first way's model:", markdownTable(agreementHead, cells(agreement))]
      : []),
    ...(run.checks.length > 0
      ? [
          markdownTable(
            boundsHead,
            boundsRows(run.checks, (outcome) => mark[outcome]).map(([threshold, ...rest]) => [
              `\`${threshold}\``,
              ...rest.map(plain),
            ]),
          ),
        ]
      : []),
    '<details><summary>Run</summary>\n',
    markdownTable(
      ['', ''],
      cells([
        ['what', setUp(run)],
        ['machine', machineInWords(run.machine)],
        ['versions', versionsInWords(run.versions)],
        ['repeat', run.command],
      ]),
    ),
    '\n</details>\n',
  ].join('\n\n')
}
