/**
 * `npm run bench:driver`: one prediction by pgbench, by bin/k6 and by k6 as it is without us, in turns on the same Postgres.
 *
 *   npm run bench:driver -- --clients 1,5,20,100 --rounds 6 --block 5
 *
 * All three run at once, and all but one of them are stopped at any time (turns.ts), for turns as long as a comparison's own. A
 * round begins with new processes and new connections and gives one ratio; in it each of the three asks for `--block` seconds
 * in all.
 */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { median } from 'simple-statistics'
import { bundleSettings } from '../../build/bundles.ts'
import { BadInput, Failure } from '../../build/failure.ts'
import { inCache, k6Binary, root } from '../../build/paths.ts'
import { doStep } from '../../build/step.ts'
import { codeOfError, exitCode } from '../../cli/exit-codes.ts'
import { Interrupted, interruptible } from '../../cli/interrupt.ts'
import { show } from '../../cli/progress.ts'
import { type Targets, withTargets } from '../../cli/targets.ts'
import { ratioOf } from '../../gap/ratio.ts'
import { withResults } from '../../report/results.ts'
import { figure, table, withInterval } from '../../report/table.ts'
import { turnLength } from '../../scenarios/lib/plan.ts'
import { machine } from '../../targets/facts.ts'
import { k6Contestant, pgbenchContestant } from './contestants.ts'
import { stockBinary, stockK6, stockScript } from './stock.ts'
import { type Share, takeTurns } from './turns.ts'

interface Settings {
  clients: number[]
  rounds: number
  /** Seconds that each asks in a round. */
  block: number
  seed: number
}

const ways = ['pgbench', 'k6', 'stock'] as const
interface Round {
  clients: number
  shares: Record<(typeof ways)[number], Share>
}

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '1,5,20,100' },
      rounds: { type: 'string', default: '6' },
      block: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
    },
  })
  const number = (name: keyof typeof values, given = values[name]) => {
    const value = Number(given)
    if (Number.isInteger(value) && value >= 1) return value
    throw new BadInput(`--${name}: '${given}'; expected whole numbers of at least 1`)
  }
  return {
    clients: values.clients.split(',').map((one) => number('clients', one)),
    rounds: number('rounds'),
    block: number('block'),
    seed: number('seed'),
  }
}

const scriptBundle = inCache('bench', 'predict.js')

const bundleScript = () =>
  build({
    ...bundleSettings,
    entryPoints: [path.join(root, 'extension-sql', 'bench', 'ours', 'predict.ts')],
    outfile: scriptBundle,
  })

/** Milliseconds of a turn: a comparison's own, but with few clients, where so many stops a second would be felt. */
const turnOf = (clients: number) => Math.max(100, turnLength(clients))

async function oneRound(
  clients: number,
  index: number,
  { block, seed: first }: Settings,
  targets: Targets,
  folder: string,
  signal: AbortSignal,
): Promise<Round> {
  const seed = first + index
  const { postgresUrl, keysFile } = targets.addresses()
  const load = { clients, seed, postgresUrl, keysFile, folder }
  const shares = await takeTurns(
    [
      k6Contestant('k6', k6Binary, scriptBundle, load, ['--no-summary', '--no-thresholds']),
      k6Contestant('stock', stockBinary, stockScript, load),
      pgbenchContestant(await targets.keys(), load),
    ],
    { length: turnOf(clients), seconds: block, seed, signal },
  )
  return { clients, shares: Object.fromEntries(shares) as Round['shares'] }
}

function report(rounds: Round[], { seed }: Settings): string {
  const all = [...new Set(rounds.map(({ clients }) => clients))].map((clients) => ({
    clients,
    own: rounds.filter((round) => round.clients === clients),
  }))
  const rates = all.map(({ clients, own }) => {
    const share = (a: (typeof ways)[number], b: (typeof ways)[number]) =>
      withInterval(ratioOf([own.map(({ shares }) => shares[a].tps / shares[b].tps)], seed))
    return [
      String(clients),
      ...ways.map((way) => figure(median(own.map(({ shares }) => shares[way].tps)))),
      share('k6', 'pgbench'),
      share('k6', 'stock'),
      share('stock', 'pgbench'),
    ]
  })
  const costs = all.map(({ clients, own }) => [
    String(clients),
    ...ways.map((way) => {
      const spent = own.flatMap(({ shares }) => shares[way].cpu ?? [])
      if (spent.length === 0) return '-'
      return `${figure(median(spent.map(({ user }) => user)))} + ${figure(median(spent.map(({ system }) => system)))}`
    }),
  ])
  return [
    table(
      ['clients', 'pgbench', 'k6', 'k6 + lib/pq', 'k6 ÷ pgbench', 'k6 ÷ lib/pq', 'lib/pq ÷ pgbench'],
      rates,
    ),
    '\n  Processor time of the client a query, user + system, µs\n',
    table(['clients', 'pgbench', 'k6', 'k6 + lib/pq'], costs),
  ].join('\n')
}

async function main(signal: AbortSignal): Promise<number> {
  const settings = readSettings()
  await show([
    {
      title: stockK6.title,
      work: async (progress) => ((await doStep(stockK6, { progress, signal })) ? undefined : 'as before'),
    },
    {
      title: 'Bundle the script',
      work: async () => {
        await bundleScript()
        return undefined
      },
    },
  ])
  return withResults((left) =>
    withTargets({}, signal, async (targets) => {
      const rounds: Round[] = []
      try {
        await show(
          settings.clients.map((clients) => ({
            title: `Ask with pgbench, k6 and k6 + lib/pq at ${clients} client${clients === 1 ? '' : 's'}`,
            work: async (progress) => {
              for (let index = 0; index < settings.rounds; index++) {
                progress(`round ${index + 1} of ${settings.rounds}`)
                rounds.push(await oneRound(clients, index, settings, targets, left.folder, signal))
              }
              return undefined
            },
          })),
        )
      } finally {
        // Whatever was measured is kept, also where a later round fails.
        await left.keepJson('driver.json', { machine: machine(), settings, rounds })
        if (rounds.length > 0)
          process.stdout.write(
            `\nTPS, statements prepared but for lib/pq; median of ${settings.rounds} rounds, ratios with 95 % intervals\n\n` +
              `${report(rounds, settings)}\n\n${left.said()}\n`,
          )
      }
      return exitCode.pass
    }),
  )
}

try {
  process.exitCode = await interruptible(main)
} catch (error) {
  process.exitCode = codeOfError(error)
  if (error instanceof Failure) process.stderr.write(`${error.text}\n`)
  else if (!(error instanceof Interrupted)) throw error
}
