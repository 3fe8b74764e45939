/**
 * `npm run bench:driver`: what k6 costs beside others that ask the same questions of the same server, in turns.
 *
 *   npm run bench:driver -- --clients 1,5,20,100 --rounds 6 --block 5    # beside pgbench, and k6 as it is without us
 *   npm run bench:driver -- --against ../before --protocol sql,http      # beside another checkout's build
 *
 * `--against` names a checkout with its own bin/k6, and with .cache/bench/ask.js: its bundle of bench/script/ask.ts, which this
 * program leaves there. `--null` asks the null server in the side's place, so that nothing but the clients is compared.
 *
 * All run at once, and all but one of them are stopped at any time (turns.ts), for turns as long as a comparison's own. A
 * round begins with new processes and new connections and gives one ratio; in it each asks for `--block` seconds in all.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from 'simple-statistics'
import { BadInput } from '../build/failure.ts'
import { k6Binary } from '../build/paths.ts'
import { doStep } from '../build/step.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { type ShownStep, show } from '../cli/progress.ts'
import { predictingSides, readTargets, type Targets, withTargets } from '../cli/targets.ts'
import { ratioOf } from '../gap/ratio.ts'
import { withResults } from '../report/results.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { machine } from '../targets/facts.ts'
import { startNullServer } from '../targets/null-server.ts'
import type { AskedSide } from '../targets/parity.ts'
import { bundleScript, flags, scriptBundle, turnOf } from './asking.ts'
import { k6Contestant, type Load, pgbenchContestant } from './contestants.ts'
import { runProgram, wholeNumber } from './program.ts'
import { stockBinary, stockK6, stockScript } from './stock.ts'
import { type Contestant, type Share, takeTurns } from './turns.ts'

const protocols = ['sql', 'http'] as const
type Protocol = (typeof protocols)[number]

interface Settings {
  clients: number[]
  rounds: number
  /** Seconds that each asks in a round. */
  block: number
  seed: number
  protocols: Protocol[]
  /** A checkout with a build to compare with; absent: others than us. */
  against?: string
  null: boolean
}

interface Round {
  clients: number
  protocol: Protocol
  /** By contestant; the first is this checkout's k6. */
  shares: Record<string, Share>
}

const binaryOf = (checkout: string) => path.join(checkout, 'bin', 'k6')
const scriptOf = (checkout: string) => path.join(checkout, '.cache', 'bench', 'ask.js')

function readSettings(): Settings {
  const { values } = parseArgs({
    options: {
      clients: { type: 'string', default: '1,5,20,100' },
      rounds: { type: 'string', default: '6' },
      block: { type: 'string', default: '5' },
      seed: { type: 'string', default: '1' },
      protocol: { type: 'string', default: 'sql' },
      against: { type: 'string' },
      null: { type: 'boolean', default: false },
    },
  })
  const number = (name: 'rounds' | 'block' | 'seed') => wholeNumber(name, values[name])
  const asked = values.protocol.split(',').map((one) => {
    const known = protocols.find((protocol) => protocol === one)
    if (known) return known
    throw new BadInput(`--protocol: '${one}'; expected sql, http, or both with a comma`)
  })
  const against = values.against === undefined ? undefined : path.resolve(values.against)
  if (against === undefined && asked.includes('http'))
    throw new BadInput(
      '--protocol: http has nobody to be compared with but another build of k6',
      'Name its checkout by --against, or leave --protocol out',
    )
  for (const file of against === undefined ? [] : [binaryOf(against), scriptOf(against)])
    if (!existsSync(file))
      throw new BadInput(
        `--against: there is no ${file}`,
        'Run `npm run build` and `npm run bench:driver` once in that checkout',
      )
  return {
    clients: values.clients.split(',').map((one) => wholeNumber('clients', one)),
    rounds: number('rounds'),
    block: number('block'),
    seed: number('seed'),
    protocols: asked,
    ...(against !== undefined && { against }),
    null: values.null,
  }
}

/**
 * In the order in which they are started: pgbench has to be the last. Who is started first is stopped while the others start, and
 * with a hundred clients that costs it a part of its first turns: two builds begin alternately.
 */
function contestants(load: Load, round: number, { against }: Settings, { keys }: Targets): Contestant[] {
  const own = k6Contestant('k6', k6Binary, scriptBundle, load, flags)
  if (against !== undefined) {
    const before = k6Contestant('before', binaryOf(against), scriptOf(against), load, flags)
    return round % 2 === 0 ? [own, before] : [before, own]
  }
  const { side } = load
  if (side.protocol !== 'sql') throw new Error(`${side.name} has nobody to be compared with`)
  return [own, k6Contestant('stock', stockBinary, stockScript, load), pgbenchContestant(side, keys, load)]
}

async function oneRound(
  clients: number,
  index: number,
  { side, address }: AskedSide,
  settings: Settings,
  targets: Targets,
  folder: string,
  signal: AbortSignal,
): Promise<Round> {
  const seed = settings.seed + index
  const load = { clients, seed, side, address, keysFile: targets.keysFile, folder }
  const shares = await takeTurns(contestants(load, index, settings, targets), {
    length: turnOf(clients),
    seconds: settings.block,
    seed,
    signal,
  })
  return { clients, protocol: side.protocol, shares: Object.fromEntries(shares) }
}

/** How the contestants are called. */
const titles: Record<string, string> = { stock: 'k6 + lib/pq', before: 'k6 before' }
const titleOf = (name: string) => titles[name] ?? name

/** Whom each is divided by. */
const ratios = (names: readonly string[]): [string, string][] =>
  names.flatMap((a, index) => names.slice(index + 1).map((b): [string, string] => [a, b]))

function report(rounds: Round[], { seed }: Settings): string {
  const names = Object.keys(rounds[0]?.shares ?? {})
  const groupOf = ({ protocol, clients }: Round) => `${protocol} ${clients}`
  const groups = [...new Set(rounds.map(groupOf))].map((group) =>
    rounds.filter((one) => groupOf(one) === group),
  )
  const head = (own: Round[]) => [own[0]?.protocol ?? '', String(own[0]?.clients)]
  const of = (own: Round[], name: string) => own.map(({ shares }) => shares[name] as Share)
  const pairs = ratios(names)
  const rates = groups.map((own) => [
    ...head(own),
    ...names.map((name) => figure(median(of(own, name).map(({ tps }) => tps)))),
    ...pairs.map(([a, b]) =>
      withInterval(
        ratioOf([own.map(({ shares }) => (shares[a] as Share).tps / (shares[b] as Share).tps)], seed),
      ),
    ),
  ])
  const costs = groups.map((own) => [
    ...head(own),
    ...names.map((name) => {
      const spent = of(own, name).flatMap(({ cpu }) => cpu ?? [])
      if (spent.length === 0) return '-'
      return `${figure(median(spent.map(({ user }) => user)))} + ${figure(median(spent.map(({ system }) => system)))}`
    }),
  ])
  const first = ['protocol', 'clients', ...names.map(titleOf)]
  return [
    table([...first, ...pairs.map(([a, b]) => `${titleOf(a)} ÷ ${titleOf(b)}`)], rates),
    '\n  Processor time of the client a request, user + system, µs\n',
    table(first, costs),
  ].join('\n')
}

async function main(signal: AbortSignal): Promise<number> {
  const settings = readSettings()
  const stock: ShownStep = {
    title: stockK6.title,
    work: async (progress) => ((await doStep(stockK6, { progress, signal })) ? undefined : 'as before'),
  }
  await show([
    ...(settings.against === undefined ? [stock] : []),
    {
      title: 'Bundle the script',
      work: async () => {
        await bundleScript()
        return undefined
      },
    },
  ])
  const read = await readTargets({})
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const real = predictingSides(targets).filter(({ side }) => settings.protocols.includes(side.protocol))
      const idle = settings.null ? await startNullServer(real, targets.keys[0], targets.asked) : undefined
      const sides = real.map(({ side, address }, index) => ({
        side,
        address: idle?.addresses[index]?.to ?? address,
      }))
      const rounds: Round[] = []
      try {
        await show(
          sides.flatMap((one) =>
            settings.clients.map(
              (clients): ShownStep => ({
                title: `Ask ${one.side.name} at ${clients} client${clients === 1 ? '' : 's'}`,
                work: async (progress) => {
                  for (let index = 0; index < settings.rounds; index++) {
                    progress(`round ${index + 1} of ${settings.rounds}`)
                    rounds.push(await oneRound(clients, index, one, settings, targets, left.folder, signal))
                  }
                  return undefined
                },
              }),
            ),
          ),
        )
      } finally {
        await idle?.stop()
        // Whatever was measured is kept, also where a later round fails.
        await left.keepJson('driver.json', { machine: machine(), settings, rounds })
        if (rounds.length > 0)
          process.stdout.write(
            `\nRequests/s, statements prepared but for lib/pq; median of ${settings.rounds} rounds, ratios with 95 % intervals\n\n` +
              `${report(rounds, settings)}\n\n${left.said()}\n`,
          )
      }
      return exitCode.pass
    }),
  )
}

await runProgram(main)
