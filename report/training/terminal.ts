/** Trainings as people read them in a terminal. */
import { colour } from '../colour.ts'
import { facts, heading, mark } from '../lines.ts'
import { table } from '../table.ts'
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

/** Without a heading, which `gate` has no need of. */
export const thresholdLines = ({ checks }: TrainingRun): string[] =>
  checks.length > 0
    ? [
        table(
          ['', ...boundsHead.slice(1)],
          boundsRows(checks, (outcome) => mark[outcome]),
        ),
      ]
    : []

export function trainingTerminal(run: TrainingRun): string {
  const [growth, agreement] = [growthRows(run), agreementRows(run)]
  return [
    heading('Training', 'resident at most, and how many times that of the first way'),
    table(costHead, costRows(run)),
    ...(growth.length > 0 ? [heading('Growth'), table(growthHead, growth)] : []),
    ...(agreement.length > 0
      ? [
          heading('Predictions', "of the held-out rows, beside those of the first way's model"),
          table(agreementHead, agreement),
        ]
      : []),
    ...(run.checks.length > 0 ? [heading('Thresholds'), ...thresholdLines(run)] : []),
    heading('Run'),
    facts([
      ['what', setUp(run)],
      ['machine', machineInWords(run.machine)],
      ['versions', versionsInWords(run.versions)],
      ['repeat', run.command],
    ]),
    '',
    colour.bold(sentence(run)),
  ].join('\n')
}
