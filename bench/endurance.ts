/**
 * `npm run bench:endurance`: does anything grow, fail or drift where both sides are asked for hours?
 *
 *   npm run bench:endurance -- --hours 2 --clients 20
 *
 * One k6 asks both sides in turns, as `compare` does, and is never started anew; meanwhile the memory of k6 and of each part of the
 * targets is looked at (`Pss` of /proc, so that what several processes share counts once). The first tenth of the time is left out:
 * there pools fill and models are loaded.
 */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { BadInput } from '../build/failure.ts'
import { k6Binary, shown } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { measureBlocks } from '../cli/k6.ts'
import { show } from '../cli/progress.ts'
import { readTargets, type Targets, withTargets } from '../cli/targets.ts'
import type { Measurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { type Folder, withResults } from '../report/results.ts'
import { table } from '../report/table.ts'
import { machine } from '../targets/facts.ts'
import { runningProgram } from '../targets/processors.ts'
import { residentBytes } from '../targets/serving-memory.ts'
import { endurancePage } from './endurance/page.ts'
import {
  type Look,
  mostHours,
  mostOfK6,
  type Series,
  seriesOf,
  trendRows,
  verdictOf,
} from './endurance/series.ts'
import { runProgram, wholeNumber, withSettings } from './program.ts'

const usage = `usage: npm run bench:endurance -- [--hours 2] [--clients 20] [--block 15] [--every 10]
  --hours    how long both sides are asked; 0.05 tries it. By the clock it is a quarter more: between turns
             clients meet and open connections
  --clients  how many ask
  --block    seconds of a block
  --every    seconds between two looks at the memory
`

function readSettings() {
  const { values } = parseArgs({
    options: {
      hours: { type: 'string', default: '2' },
      clients: { type: 'string', default: '20' },
      block: { type: 'string', default: '15' },
      every: { type: 'string', default: '10' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const number = (name: 'clients' | 'block' | 'every') => wholeNumber(name, values[name])
  const hours = Number(values.hours)
  if (!(hours > 0)) throw new BadInput(`--hours: '${values.hours}'; expected a number above 0`)
  return { hours, clients: number('clients'), block: number('block'), every: number('every') }
}

type Settings = NonNullable<ReturnType<typeof readSettings>>

/** Looks at once, then every so often, until it is ended. */
async function watchMemory(
  { stack }: Targets,
  every: number,
  looks: Look[],
  ended: AbortSignal,
): Promise<void> {
  const started = performance.now()
  while (!ended.aborted) {
    const k6 = runningProgram(k6Binary)
    const parts = (stack?.parts() ?? []).map(({ side, what, pid }) => ({ part: `${side}: ${what}`, pid }))
    const hours = (performance.now() - started) / 3_600_000
    for (const { part, pid } of [...(k6 === undefined ? [] : [{ part: 'k6', pid: k6 }]), ...parts])
      await residentBytes(pid).then(
        (bytes) => looks.push({ part, hours, bytes }),
        () => {}, // not yet, or no longer
      )
    await sleep(every * 1000, undefined, { signal: ended }).catch(() => {})
  }
}

async function measure(
  { hours, clients, block, every }: Settings,
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
): Promise<{ measurement: Measurement; looks: Look[] }> {
  const looks: Look[] = []
  const ended = new AbortController()
  const pairs = Math.max(1, Math.round((hours * 3600) / (2 * block)))
  const measurement = show.one(`Ask for ${hours} h`, (progress) =>
    measureBlocks(
      {
        sides: targets.workload.sides.map(({ name }) => name),
        ...{ clients: [clients], pairs, block, warmup: 10, seed: 1, queryMode: 'prepared' },
      },
      targets,
      left,
      signal,
      ({ pair }) => progress(`${pair} of ${pairs} pairs of blocks`),
    ),
  )
  const watching = watchMemory(targets, every, looks, ended.signal)
  try {
    return { measurement: await measurement, looks }
  } finally {
    ended.abort()
    await watching
  }
}

function report(series: readonly Series[], measurement: Measurement): string {
  const broken = premisesOf(measurement).filter(({ holds }) => !holds)
  const failed = measurement.failures.reduce((sum, { count }) => sum + count, 0)
  return [
    table(['what', 'mean', 'in an hour', '95 %', 'over the run', 'flat'], trendRows(series)),
    `\n  k6: at most ${mostOfK6(series)?.toFixed(0) ?? '?'} MB. Failures: ${failed}.`,
    broken.length > 0
      ? `  Premises that did not hold: ${broken.map(({ name, seen }) => `${name} (${seen})`).join('; ')}`
      : '  All premises held.',
  ].join('\n')
}

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  const read = await readTargets({})
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const { measurement, looks } = await measure(settings, targets, left, signal)
      const series = seriesOf(looks, measurement)
      await left.keepJson('endurance.json', { machine: machine(), settings, looks, measurement })
      await left.keep(
        'endurance.html',
        endurancePage(series, { ...settings, elapsed: mostHours(looks) }, machine()),
      )
      const problems = verdictOf(series, measurement)
      process.stdout.write(`\n${report(series, measurement)}\n`)
      process.stdout.write(problems.map((each) => `  ✗ ${each}\n`).join(''))
      process.stdout.write(
        `\nThe chart: ${shown(path.join(left.folder, 'endurance.html'))}\n${left.said()}\n`,
      )
      return problems.length > 0 ? exitCode.crossed : exitCode.pass
    }),
  )
}

await runProgram((signal) => withSettings(usage, readSettings(), (settings) => main(settings, signal)))
