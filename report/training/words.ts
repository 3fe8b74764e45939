/** Tables and sentences of trainings, for every form of the report alike. */
import { growthOf, peakOf, ratiosOf, type SizeCost, type WayCost } from '../../gap/training.ts'
import type { Outcome } from '../../gap/verdict.ts'
import { figure, times } from '../table.ts'
import { boundInWords, measuredInWords, thresholdsInWords } from '../words.ts'
import type { TrainingRun } from './run.ts'

export const count = (value: number) => value.toLocaleString('en')
export const megabytes = (bytes: number | undefined) =>
  bytes === undefined ? '–' : count(Math.round(bytes / 1e6))

/** The one by which models are deployed, or whatever there is. */
function scoreOf({ metrics }: WayCost): string {
  const name = ['r2', 'f1'].find((each) => metrics[each] !== undefined) ?? Object.keys(metrics)[0]
  return name === undefined ? '–' : `${name} ${(metrics[name] as number).toFixed(6)}`
}

export const costHead = ['rows', 'way', 'peak MB', 'mark MB', 'time s', 'held out', 'memory', 'time']

/** A row for each way at each size; the last two columns tell how many times what the first way takes. */
export const costRows = ({ sizes }: TrainingRun): string[][] =>
  sizes.flatMap((size) => {
    const ratios = ratiosOf(size as SizeCost)
    return size.ways.map((each, index) => {
      const ratio = ratios.find(({ way }) => way === each.way)
      return [
        index === 0 ? count(size.rows) : '',
        each.way,
        megabytes(peakOf(each)),
        megabytes(each.markBytes),
        figure(each.seconds),
        scoreOf(each),
        ...(ratio ? [times(ratio.memory), times(ratio.seconds)] : ['', '']),
      ]
    })
  })

export const growthHead = ['way', 'from rows', 'to rows', 'bytes a row', 'µs a row']

export const growthRows = ({ sizes }: TrainingRun): string[][] =>
  growthOf(sizes as SizeCost[]).map(({ way, from, to, bytesPerRow, timePerRow }) => [
    ...[way, count(from), count(to)],
    ...[bytesPerRow, timePerRow].map(figure),
  ])

export const agreementHead = ['rows', 'way', 'compared', 'same bits', 'largest difference']

export const agreementRows = ({ sizes }: TrainingRun): string[][] =>
  sizes.flatMap(({ rows, agreement }) =>
    agreement.map(({ way, rows: compared, identical, largestDifference }) => [
      ...[count(rows), way, count(compared), count(identical)],
      largestDifference === 0 ? '0' : largestDifference.toExponential(1),
    ]),
  )

export const boundsHead = ['threshold', 'rows', 'measured', 'bound', '']

/** @param marked how an outcome is shown */
export const boundsRows = <Mark>(
  checks: TrainingRun['checks'],
  marked: (outcome: Outcome) => Mark,
): (string | Mark)[][] =>
  checks.map((check) => [
    ...[check.threshold, count(check.rows), measuredInWords(check), boundInWords(check)],
    marked(check.outcome),
  ])

export const setUp = ({ dataset, threads, sizes }: TrainingRun): string =>
  `${dataset.name}: a ${dataset.task} of ${dataset.features} features by ${JSON.stringify(dataset.hyperparameters)} on ${threads} thread${threads === 1 ? '' : 's'}; the last ${100 * dataset.testSize} % of the rows are held out (${sizes.map(({ testRows }) => count(testRows)).join(', ')})`

/** The largest size in one sentence. */
export function sentence({ sizes, checks, published }: TrainingRun): string {
  const largest = sizes.reduce((one, other) => (other.rows > one.rows ? other : one))
  const first = largest.ways[0] as WayCost
  const others = ratiosOf(largest as SizeCost).map(({ way, memory }) => `${way} ${times(memory)}`)
  return `At ${count(largest.rows)} rows training in ${first.way} has ${megabytes(peakOf(first))} MB resident at most; ${others.join(' and ')} of that${published ? ` (published: ${times(published.ratio)})` : ''}; ${thresholdsInWords(checks)}.`
}
