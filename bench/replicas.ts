/**
 * `npm run bench:replicas`: what do two replicas of the flights' Postgres serve that one of them does not?
 *
 *   npm run bench:replicas -- --clients 20 --sessions 3 --pairs 4 --block 3
 *
 * One replica, and both behind one address, take turns as the sides of a comparison do. Each session starts Postgres and its replicas
 * anew. Where all share one machine, two have no more processors than one: what they may gain there is room in what one server shares.
 */
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { exitCode } from '../cli/exit-codes.ts'
import { measureBlocks } from '../cli/k6.ts'
import { show } from '../cli/progress.ts'
import { readTargets, type Targets, withTargets } from '../cli/targets.ts'
import type { Measurement } from '../gap/measurement.ts'
import { merged } from '../gap/merge.ts'
import { premisesOf } from '../gap/premises.ts'
import { ratioOf } from '../gap/ratio.ts'
import { type Folder, withResults } from '../report/results.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { machine } from '../targets/facts.ts'
import { severalHosts } from '../targets/stack.ts'
import { runProgram, wholeNumber, withSettings } from './program.ts'

const usage = `usage: npm run bench:replicas -- [--replicas 2] [--clients 20] [--sessions 3] [--pairs 4] [--block 3]
  --replicas  how many are compared with one of them
  --clients   how many ask
  --sessions  how often all are started anew
  --pairs     blocks of each, in a session
  --block     seconds of a block
`

function readSettings() {
  const { values } = parseArgs({
    options: {
      replicas: { type: 'string', default: '2' },
      clients: { type: 'string', default: '20' },
      sessions: { type: 'string', default: '3' },
      pairs: { type: 'string', default: '4' },
      block: { type: 'string', default: '3' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const number = (name: 'replicas' | 'clients' | 'sessions' | 'pairs' | 'block') =>
    wholeNumber(name, values[name])
  return {
    ...{ replicas: number('replicas'), clients: number('clients'), sessions: number('sessions') },
    ...{ pairs: number('pairs'), block: number('block') },
  }
}

type Settings = NonNullable<ReturnType<typeof readSettings>>

const [several, single] = ['ALL_REPLICAS_URL', 'ONE_REPLICA_URL']

async function measure(
  { clients, sessions, pairs, block }: Settings,
  targets: Targets,
  left: Folder,
  signal: AbortSignal,
): Promise<Measurement> {
  const measured: Measurement[] = []
  for (let session = 1; session <= sessions; session++)
    await show.one(`Measure, session ${session} of ${sessions}`, async () => {
      if (session > 1) await targets.restart?.()
      const { replicas = [] } = targets.stack ?? {}
      measured.push(
        await measureBlocks(
          {
            sides: [`postgres@${several}`, `postgres@${single}`],
            ...{ clients: [clients], pairs, block, warmup: 4, seed: session, queryMode: 'prepared' },
          },
          targets,
          left.below(`session-${session}`),
          signal,
          undefined,
          [
            { address: several, to: postgresAddress(severalHosts(replicas)) },
            { address: single, to: postgresAddress(severalHosts(replicas.slice(0, 1))) },
          ],
        ),
      )
    })
  return merged(measured)
}

function report(measurement: Measurement, { replicas, clients, sessions }: Settings): string {
  const [all = '', one = ''] = measurement.settings.sides
  const blocksOf = (key: string) => measurement.blocks.filter((block) => block.key === key)
  const rate = (key: string) => figure(median(blocksOf(key).map(({ tps }) => tps)))
  const bySession = Array.from({ length: sessions }, (_, at) =>
    measurement.pairs.filter(({ key, session }) => key === all && session === at + 1),
  )
  const ratio = (of: 'tps' | 'p50' | 'p99') =>
    withInterval(ratioOf(bySession.map((pairs) => pairs.map((pair) => pair[of]))))
  const hosts = new Map<string, number>()
  for (const { hosts: own = [] } of blocksOf(all))
    for (const { name, ok } of own) hosts.set(name, (hosts.get(name) ?? 0) + ok.count)
  const answers = [...hosts.values()].reduce((sum, each) => sum + each, 0)
  const broken = premisesOf(measurement).filter(({ holds }) => !holds)
  return [
    table(
      ['clients', `${replicas} replicas`, 'one', 'requests/s ÷', 'p50 of one ÷', 'p99 of one ÷'],
      [[String(clients), rate(all), rate(one), ratio('tps'), ratio('p50'), ratio('p99')]],
    ),
    `\n  Answers by replica: ${[...hosts].map(([name, count]) => `${name} ${((100 * count) / answers).toFixed(1)} %`).join(', ')}`,
    broken.length > 0
      ? `  Premises that did not hold: ${broken.map(({ name, seen }) => `${name} (${seen})`).join('; ')}`
      : '  All premises held.',
  ].join('\n')
}

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  const read = await readTargets({ replicas: settings.replicas })
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const measurement = await measure(settings, targets, left, signal)
      await left.keepJson('replicas.json', { machine: machine(), settings, measurement })
      process.stdout.write(`\n${report(measurement, settings)}\n\n${left.said()}\n`)
      return exitCode.pass
    }),
  )
}

await runProgram((signal) => withSettings(usage, readSettings(), (settings) => main(settings, signal)))
