/**
 * `npm run bench:driver`: one prediction by pgbench, by bin/k6 and by k6 as it is without us, in turn on the same Postgres.
 *
 *   npm run bench:driver -- --clients 1,5,20,100 --rounds 6 --block 4
 *
 * Blocks of all three follow each other in every round, every second round the other way round, so that the machine's drift
 * hits all alike; each round gives one ratio.
 */
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { BadInput, CouldNotMeasure, Failure } from '../../build/failure.ts'
import { shown, thresholdsFile } from '../../build/paths.ts'
import { doStep } from '../../build/step.ts'
import { exitCode } from '../../cli/exit-codes.ts'
import { Interrupted, interruptible } from '../../cli/interrupt.ts'
import { measureBlocks } from '../../cli/k6.ts'
import { show } from '../../cli/progress.ts'
import { resultFolder } from '../../cli/sessions.ts'
import { type Addresses, withTargets } from '../../cli/targets.ts'
import { readKeys } from '../../datasets/prepared.ts'
import { ratioOf } from '../../gap/ratio.ts'
import { figure, table, withInterval } from '../../report/table.ts'
import { machine } from '../../targets/facts.ts'
import { pgbench } from '../../targets/postgres/pgbench.ts'
import { stockK6, stockTps } from './stock.ts'

interface Settings {
  clients: number[]
  rounds: number
  /** Seconds of a block. */
  block: number
  seed: number
}

const ways = ['pgbench', 'k6', 'stock'] as const
/** TPS of one round, by the way of asking. */
type Round = Record<(typeof ways)[number], number> & { clients: number }

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '1,5,20,100' },
      rounds: { type: 'string', default: '6' },
      block: { type: 'string', default: '4' },
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

async function oneRound(
  clients: number,
  index: number,
  { block, seed: first }: Settings,
  addresses: Addresses,
  folder: string,
  signal: AbortSignal,
): Promise<Round> {
  const keys = await readKeys(addresses.keysFile)
  const seed = first + index
  const ask: Record<(typeof ways)[number], () => Promise<number>> = {
    pgbench: async () => {
      const { tps, failures } = await pgbench({
        url: addresses.postgresUrl,
        keys,
        clients,
        queryMode: 'prepared',
        seed,
        length: { seconds: block },
        folder,
        signal,
      })
      if (failures > 0) throw new CouldNotMeasure(`pgbench saw ${failures} failures`)
      return tps
    },
    k6: async () => {
      const { blocks } = await measureBlocks(
        {
          sides: ['postgres'],
          clients: [clients],
          pairs: 1,
          block,
          warmup: 2,
          seed,
          queryMode: 'prepared',
          thresholds: thresholdsFile,
        },
        addresses,
        folder,
        signal,
      )
      const [measured] = blocks
      if (!measured || measured.failed.count > 0)
        throw new CouldNotMeasure(`k6 saw ${measured?.failed.count ?? 'no block and no'} failures`)
      return measured.tps
    },
    stock: () => stockTps({ clients, block }, addresses, folder, signal),
  }
  const round: Round = { clients, pgbench: 0, k6: 0, stock: 0 }
  for (const way of index % 2 === 0 ? ways : ways.toReversed()) round[way] = await ask[way]()
  return round
}

function report(rounds: Round[], { seed }: Settings): string {
  const rows = [...new Set(rounds.map(({ clients }) => clients))].map((clients) => {
    const own = rounds.filter((round) => round.clients === clients)
    const share = (a: (typeof ways)[number], b: (typeof ways)[number]) =>
      withInterval(ratioOf([own.map((round) => round[a] / round[b])], seed))
    return [
      String(clients),
      ...ways.map((way) => figure(median(own.map((round) => round[way])))),
      share('k6', 'pgbench'),
      share('k6', 'stock'),
      share('stock', 'pgbench'),
    ]
  })
  return table(
    ['clients', 'pgbench', 'k6', 'k6 + lib/pq', 'k6 ÷ pgbench', 'k6 ÷ lib/pq', 'lib/pq ÷ pgbench'],
    rows,
  )
}

async function main(signal: AbortSignal): Promise<number> {
  const settings = readSettings()
  await show([
    {
      title: stockK6.title,
      work: async (progress) => ((await doStep(stockK6, { progress, signal })) ? undefined : 'as before'),
    },
  ])
  return withTargets({}, signal, async (targets) => {
    const folder = await resultFolder(new Date())
    const rounds: Round[] = []
    await show(
      settings.clients.map((clients) => ({
        title: `Ask with pgbench, k6 and k6 + lib/pq at ${clients} client${clients === 1 ? '' : 's'}`,
        work: async (progress) => {
          for (let index = 0; index < settings.rounds; index++) {
            progress(`round ${index + 1} of ${settings.rounds}`)
            rounds.push(await oneRound(clients, index, settings, targets.addresses(), folder, signal))
          }
          return undefined
        },
      })),
    )
    const file = path.join(folder, 'driver.json')
    await writeFile(file, JSON.stringify({ machine: machine(), settings, rounds }, null, 1))
    process.stdout.write(
      `\nTPS, statements prepared but for lib/pq; median of ${settings.rounds} rounds, ratios with 95 % intervals\n\n` +
        `${report(rounds, settings)}\n\nEverything measured stands in ${shown(file)}\n`,
    )
    return exitCode.pass
  })
}

try {
  process.exitCode = await interruptible(main)
} catch (error) {
  if (error instanceof Interrupted) process.exitCode = 130
  else if (error instanceof Failure) {
    process.stderr.write(`${error.text}\n`)
    process.exitCode = error instanceof BadInput ? 2 : 3
  } else throw error
}
