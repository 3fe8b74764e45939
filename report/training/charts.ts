/** The charts of trainings, drawn as those of a run are. */
import * as Plot from '@observablehq/plot'
import { peakOf, ratiosOf, type SizeCost } from '../../gap/training.ts'
import { besideOne, colourOf, drawn } from '../html/charts.ts'
import type { Markup } from '../html/markup.ts'
import type { TrainingRun } from './run.ts'

/** The first is what the others are compared with. */
export const waysOf = ({ sizes }: TrainingRun) => [
  ...new Set(sizes.flatMap(({ ways }) => ways.map(({ way }) => way))),
]

const waysColour = (run: TrainingRun) => colourOf(waysOf(run))

const costs = ({ sizes }: TrainingRun) =>
  sizes.flatMap((size) =>
    size.ways.map((each) => ({
      key: each.way,
      rows: size.rows,
      megabytes: peakOf(each) / 1e6,
      seconds: each.seconds,
    })),
  )

const ratios = ({ sizes }: TrainingRun) =>
  sizes.flatMap((size) =>
    ratiosOf(size as SizeCost).map(({ way, rows, memory, seconds }) => ({ key: way, rows, memory, seconds })),
  )

/** The sizes themselves are the ticks, as far as they have room. */
function rowsAxis({ sizes }: TrainingRun) {
  const all = [...new Set(sizes.map(({ rows }) => rows))].sort((a, b) => a - b)
  const ticks = all.filter((rows, index) => index === 0 || rows > 2.5 * (all[index - 1] as number))
  return { type: 'log', label: 'rows →', ticks, tickFormat: '~s' } as const
}

/** A line a way, a dot a size. */
function byRows<Row extends { key: string; rows: number }>(
  run: TrainingRun,
  label: string,
  rows: Row[],
  y: keyof Row & string,
  options: { name: string; log: boolean; marks?: Plot.Markish[] },
): Markup {
  const seen = rows.filter((row) => Number.isFinite(row[y]))
  const stroke = waysColour(run)
  return drawn(label, {
    height: 300,
    // Points at the ends do not stand on the axes.
    inset: 8,
    x: rowsAxis(run),
    y: options.log
      ? { type: 'log', label: `↑ ${options.name}`, grid: true, tickFormat: '~g', ticks: 5 }
      : { label: `↑ ${options.name}`, grid: true, zero: true },
    marks: [
      ...(options.marks ?? []),
      Plot.line(seen, { x: 'rows', y, z: 'key', stroke, strokeWidth: 2, sort: 'rows' }),
      Plot.dot(seen, { x: 'rows', y, fill: stroke, r: 4 }),
    ],
  })
}

export const memory = (run: TrainingRun): Markup =>
  byRows(run, 'Memory of training by rows, in each way, in megabytes', costs(run), 'megabytes', {
    name: 'MB resident at most',
    log: true,
  })

export const time = (run: TrainingRun): Markup =>
  byRows(run, 'Time of training by rows, in each way, in seconds', costs(run), 'seconds', {
    name: 'seconds',
    log: true,
  })

/** How many times the memory of the first way, beside what was published. */
export const memoryRatios = (run: TrainingRun): Markup =>
  byRows(run, 'Memory of training by rows, how many times that of the first way', ratios(run), 'memory', {
    name: 'times as much memory',
    log: false,
    marks: besideOne(run.published?.ratio),
  })
