/** `inference-gap compare --aa`: one side against itself. Whatever gap is found there is the method's own error. */
import { type AARow, type AASeries, aaRows, aaSeries } from '../gap/aa.ts'
import { type Premise, premisesOf } from '../gap/premises.ts'
import { gapsOf } from '../gap/verdict.ts'
import { aaReport, aaSeriesReport } from '../report/aa.ts'
import type { Results } from '../report/results.ts'
import { machine } from '../targets/facts.ts'
import { exitCode } from './exit-codes.ts'
import { refuseBroken } from './premises.ts'
import { type SessionSettings, Sessions } from './sessions.ts'
import type { Targets } from './targets.ts'

export interface AASettings extends SessionSettings {
  /** How many runs, one after the other. */
  repeat: number
}

/** Passes when the interval of the TPS ratio holds 1.00 at each number of clients, of several runs in 19 of 20. */
export async function againstItself(
  side: string,
  { repeat, ...settings }: AASettings,
  targets: Targets,
  left: Results,
  signal: AbortSignal,
): Promise<number> {
  const runs: AARow[][] = []
  const broken: Premise[] = []
  for (let run = 1; run <= repeat; run++) {
    const own = repeat === 1 ? left : left.below(`run-${run}`)
    // Each run with other keys, in another order.
    const seed = settings.seed + (run - 1) * settings.sessions
    const sessions = new Sessions(
      { ...settings, seed, name: repeat === 1 ? '' : `run ${run} of ${repeat}, ` },
      targets,
      own,
      signal,
    )
    if (run > 1) await targets.restart?.()
    const measurement = await sessions.measure()
    const rows = aaRows(gapsOf(measurement))
    runs.push(rows)
    const premises = premisesOf(measurement)
    for (const premise of premises)
      if (!premise.holds)
        broken.push({ ...premise, name: repeat === 1 ? premise.name : `run ${run}, ${premise.name}` })
    await own.keepJson('aa.json', { machine: machine(), side, rows, premises, measurement })
    process.stdout.write(`${aaReport(side, measurement.settings.pairs, rows)}\n`)
  }
  const series: AASeries[] = aaSeries(runs)
  if (repeat > 1) {
    await left.keepJson('aa-series.json', { machine: machine(), side, series })
    process.stdout.write(`${aaSeriesReport(side, series)}\n`)
  }
  process.stdout.write(`${left.said()}\n`)
  // Not before: a series that took an hour is shown whole.
  refuseBroken(broken, left.folder)
  return series.every(({ figure, enough }) => figure !== 'TPS' || enough) ? exitCode.pass : exitCode.crossed
}
