/**
 * Where bin/k6 spends its processor time in a comparison's own scenario, in µs a request:
 *
 *   npx tsx bench/profile.ts                 # prints the tables of docs/client-cost.md
 *   npx tsx bench/profile.ts --write-profile # and makes extension-sql/default.pgo, which `go build` then uses
 *
 * Postgres is asked what a comparison asks it. HTTP is asked of the null server, for what is looked for is the client alone.
 */
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bundle } from '../build/bundles.ts'
import { ran, run } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { root } from '../build/paths.ts'
import { interruptible } from '../cli/interrupt.ts'
import { k6Command } from '../cli/k6.ts'
import { predictingSides, readTargets, type Targets, withTargets } from '../cli/targets.ts'
import { readMeasurement } from '../gap/measurement.ts'
import { withResults } from '../report/results.ts'
import { table } from '../report/table.ts'
import { forK6 } from '../targets/address/clients.ts'
import { startNullServer } from '../targets/null-server.ts'
import { freePort } from '../targets/port.ts'
import { layerNames, secondsByLayer } from './layers.ts'

const profileSeconds = 8

interface Profile {
  side: string
  clients: number
  tps: number
  file: string
  /** µs a request. */
  layers: Map<string, number>
}

async function takeProfile(
  side: string,
  clients: number,
  addresses: Record<string, string>,
  { keysFile }: Targets,
  folder: string,
  signal: AbortSignal,
): Promise<Profile> {
  const summary = path.join(folder, 'measurement.json')
  await rm(summary, { force: true })
  const port = await freePort()
  const { command, env, passed } = await k6Command(
    ['--summary-mode=disabled', '--no-thresholds', '--profiling-enabled', '--address', `127.0.0.1:${port}`],
    bundle('compare'),
  )
  const [program = '', ...args] = command
  const k6 = ran(
    program,
    args,
    {
      env: {
        ...addresses,
        KEYS_FILE: path.resolve(keysFile),
        THRESHOLDS_FILE: path.join(root, 'thresholds.json'),
        SUMMARY_FILE: summary,
        SIDES: side,
        CLIENTS: String(clients),
        PAIRS: '1',
        BLOCK_SECONDS: String(profileSeconds + 4),
        WARMUP_SECONDS: '1',
        ...env,
      },
      passed,
      signal,
    },
    'SIGINT',
  )
  // k6 starts, connects and warms up.
  await wait(3000)
  const answer = await fetch(`http://127.0.0.1:${port}/debug/pprof/profile?seconds=${profileSeconds}`)
  const file = path.join(folder, `${side.replace(':', '-')}-${clients}.pprof`)
  await writeFile(file, new Uint8Array(await answer.arrayBuffer()))
  const { code, all } = await k6
  if (code !== 0) throw new CouldNotMeasure(`k6 ended with ${code}: ${all}`)
  const [block] = (await readMeasurement(summary)).blocks
  if (!block || block.failed.count > 0) throw new CouldNotMeasure(`${side} failed under k6`)
  const seconds = secondsByLayer(
    await run('go', ['tool', 'pprof', '-traces', file], { passed: ['go'], signal }),
  )
  const requests = block.tps * profileSeconds
  const layers = new Map([...seconds].map(([name, spent]) => [name, (spent / requests) * 1e6]))
  return { side, clients, tps: block.tps, file, layers }
}

function report(profiles: Profile[]): string {
  const totals = profiles.map(({ layers }) => [...layers.values()].reduce((sum, each) => sum + each, 0))
  const cell = (spent: number, index: number) =>
    `${spent.toFixed(1)} (${((100 * spent) / (totals[index] as number)).toFixed(0)} %)`
  return table(
    ['µs a request', ...profiles.map(({ side, clients }) => `${side}, ${clients}`)],
    [
      ...layerNames.map((name) => [
        name,
        ...profiles.map(({ layers }, index) => cell(layers.get(name) as number, index)),
      ]),
      ['all', ...totals.map((total) => total.toFixed(1))],
      ['TPS', ...profiles.map(({ tps }) => tps.toFixed(0))],
    ],
  )
}

const read = await readTargets({})
await interruptible((signal) =>
  withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const sides = predictingSides(targets)
      const nullServer = await startNullServer(sides, targets.keys[0], targets.asked)
      const addresses = Object.fromEntries([
        ...sides.map(({ side, address }) => [side.address, forK6(address)]),
        ...nullServer.addresses.map(({ address, to }) => [address, forK6(to)]),
      ])
      const profiles: Profile[] = []
      try {
        for (const side of sides.map(({ side }) =>
          side.protocol === 'sql' ? side.name : `${side.name}:null`,
        ))
          for (const clients of [1, 20])
            profiles.push(await takeProfile(side, clients, addresses, targets, left.folder, signal))
      } finally {
        await nullServer.stop()
      }
      process.stdout.write(`\n${report(profiles)}\n`)
      if (process.argv.includes('--write-profile')) {
        await run(
          'go',
          ['tool', 'pprof', '-proto', '-output', 'default.pgo', ...profiles.map(({ file }) => file)],
          { cwd: path.join(root, 'extension-sql'), passed: ['go'], signal },
        )
      }
    }),
  ),
)
