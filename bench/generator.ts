/**
 * `npm run bench:generator`: how many requests a second can one k6 make, by the cores that it has?
 *
 *   npm run bench:generator -- --clients 20 --rounds 4 --block 4
 *
 * `taskset` keeps k6 to 1, 2, … cores, and Go then takes that many for its own. The null server answers at once, on whatever core is
 * free: with all cores k6 shares them with it. All of them take turns (turns.ts). Each begins anew in each round, which gives a ratio.
 *
 * What a request costs k6 in processor time does not hang on who has the rest of the machine. So more cores than there are here are
 * worked out from that: cores ÷ the cost of a request. Users share the scheduler and the memory of one process, which may make a request
 * dearer with each core. Where that was seen from one core to all, it is taken to go on with each doubling; the better case is that
 * the cost stays as it is.
 */
import { writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { CouldNotMeasure } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { inCache, k6Binary } from '../build/paths.ts'
import { probe } from '../build/probe.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { show } from '../cli/progress.ts'
import { measuringSteps } from '../cli/setup.ts'
import { readWorkload } from '../cli/targets.ts'
import { ratioOf } from '../gap/ratio.ts'
import { withResults } from '../report/results.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { machine } from '../targets/facts.ts'
import { bundleScript, flags, scriptBundle, turnOf } from './asking.ts'
import { k6Contestant } from './contestants.ts'
import { addressAt, startKnown } from './known/servers.ts'
import { runProgram, wholeNumber, withSettings } from './program.ts'
import { type Share, takeTurns } from './turns.ts'

const usage = `usage: npm run bench:generator -- [--clients 20] [--rounds 4] [--block 4]
  --clients  virtual users
  --rounds   how often each number of cores begins anew
  --block    seconds that each asks in a round
`

const protocols = ['sql', 'http'] as const
type Protocol = (typeof protocols)[number]

function readSettings() {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '4' },
      block: { type: 'string', default: '4' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const number = (name: 'clients' | 'rounds' | 'block') => wholeNumber(name, values[name])
  return { clients: number('clients'), rounds: number('rounds'), block: number('block') }
}

type Settings = NonNullable<ReturnType<typeof readSettings>>

/** Of the flights' form; whoever answers looks at none of it. */
const keys = Array.from({ length: 1000 }, (_, at) => [1 + (at % 107), 2013, 1 + (at % 12), 1 + (at % 28)])

interface Round {
  protocol: Protocol
  /** By the number of cores. */
  shares: Record<number, Share>
}

/** 1, 2, 4, … and all. */
function coresHere(): number[] {
  const all = os.availableParallelism()
  const doubled = Array.from({ length: Math.ceil(Math.log2(all)) }, (_, at) => 2 ** at)
  return [...new Set([...doubled, all])]
}

/** Microseconds of processor time a request. */
const costOf = ({ cpu }: Share) => (cpu ? cpu.user + cpu.system : Number.NaN)

function rowsOf(rounds: readonly Round[], protocol: Protocol, cores: readonly number[]): string[][] {
  const own = rounds.filter((each) => each.protocol === protocol)
  const [fewest = 1] = cores
  const all = cores.at(-1) ?? 1
  const of = (count: number, what: (share: Share) => number) =>
    own.map(({ shares }) => what(shares[count] as Share))
  const ratio = (count: number, what: (share: Share) => number) =>
    ratioOf([of(count, what).map((value, at) => value / (of(fewest, what)[at] as number))])
  const measured = cores.map((count) => {
    const cost = median(of(count, costOf))
    return [
      ...[protocol, String(count), figure(median(of(count, ({ tps }) => tps)))],
      ...[figure(cost), figure((count * 1e6) / cost)],
      ...(count === fewest
        ? ['', '']
        : [withInterval(ratio(count, ({ tps }) => tps)), withInterval(ratio(count, costOf))]),
    ]
  })
  const cost = median(of(all, costOf))
  // Per doubling; one that seems to make it cheaper is noise.
  const dearer = all > fewest ? Math.max(1, ratio(all, costOf).median) ** (1 / Math.log2(all / fewest)) : 1
  const further = [2, 4, 8].map((times) => {
    const most = (all * times * 1e6) / cost
    const least = most / dearer ** Math.log2(times)
    return [protocol, String(all * times), '', '', `${figure(least)} … ${figure(most)}`, '', '']
  })
  return [...measured, ...further]
}

const report = (rounds: readonly Round[], cores: readonly number[]) =>
  table(
    [
      'protocol',
      'cores',
      'requests/s',
      'k6, µs each',
      'cores ÷ that, /s',
      'requests/s ÷ 1 core',
      'µs ÷ 1 core',
    ],
    protocols.flatMap((protocol) => rowsOf(rounds, protocol, cores)),
  )

async function measure(settings: Settings, cores: readonly number[], folder: string, signal: AbortSignal) {
  const { clients, rounds, block } = settings
  const { sides } = await readWorkload()
  const keysFile = path.join(folder, 'keys.json')
  await writeFile(keysFile, JSON.stringify(keys))
  const server = await startKnown(
    'the null server',
    protocols.map((protocol) => ({ protocol })),
    inCache('bench', 'generator'),
    signal,
  )
  const found: Round[] = []
  try {
    await show.one('Ask the null server in turns', async (progress) => {
      for (let round = 1; round <= rounds; round++)
        for (const [at, protocol] of protocols.entries()) {
          progress(`${protocol}, round ${round} of ${rounds}`)
          const side = sides.find((each) => each.protocol === protocol)
          if (!side) throw new Error(`no side of the flights is asked by ${protocol}`)
          const address = addressAt(protocol, server.places[at] ?? '')
          const load = { clients, seed: round, side, address, keysFile, folder }
          const contestants = cores.map((count) => {
            const pinned = ['taskset', '--cpu-list', `0-${count - 1}`]
            return k6Contestant(String(count), k6Binary, scriptBundle, load, flags, pinned)
          })
          const shares = await takeTurns(round % 2 === 1 ? contestants : contestants.reverse(), {
            ...{ length: turnOf(clients), seconds: block, seed: round, signal },
          })
          found.push({ protocol, shares: Object.fromEntries(shares) })
        }
    })
  } finally {
    await server.stop()
  }
  return found
}

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  if (probe('taskset', '--version') === undefined)
    throw new CouldNotMeasure(
      'taskset is missing: it keeps k6 to some cores',
      'Install util-linux; Linux only',
    )
  const cores = coresHere()
  return locked(async () => {
    await show([
      ...measuringSteps(signal),
      {
        title: 'Bundle the script',
        work: async () => void (await bundleScript()),
      },
    ])
    return withResults(async (left) => {
      const rounds = await measure(settings, cores, left.folder, signal)
      await left.keepJson('generator.json', { machine: machine(), settings, rounds })
      process.stdout.write(
        `\n${report(rounds, cores)}\n\n  Below the cores of this machine: worked out, no measurement. ${settings.clients} clients.\n\n${left.said()}\n`,
      )
      return exitCode.pass
    })
  })
}

await runProgram((signal) => withSettings(usage, readSettings(), (settings) => main(settings, signal)))
