/** `inference-gap compare --aa`: one target on both sides. Whatever gap is found there is the method's own error. */
import { shown } from '../build/paths.ts'
import { aaRows } from '../gap/aa.ts'
import { gapsOf } from '../gap/verdict.ts'
import { aaReport } from '../report/aa.ts'
import { machine } from '../targets/facts.ts'
import { exitCode } from './exit-codes.ts'
import { keep, resultFolder, type SessionSettings, Sessions } from './sessions.ts'
import type { Targets } from './targets.ts'

/** Passes when every interval of the TPS ratio holds 1.00. */
export async function againstItself(
  target: 'postgres' | 'python',
  options: Omit<SessionSettings, 'sides'>,
  targets: Targets,
  signal: AbortSignal,
): Promise<number> {
  const folder = await resultFolder(new Date())
  const sessions = new Sessions({ ...options, sides: [target, target] }, targets, folder, signal)
  const measurement = await sessions.measure()
  const rows = aaRows(gapsOf(measurement))
  await keep(folder, 'aa.json', { machine: machine(), target, rows, measurement })
  process.stdout.write(
    `${aaReport(target, measurement.settings.pairs, rows)}\nEverything measured stands in ${shown(folder)}\n`,
  )
  return rows.every(({ figure, holds }) => figure !== 'TPS' || holds) ? exitCode.pass : exitCode.crossed
}
