/** `inference-gap crosscheck`: k6's figures beside those of clients of other makes, in turn on the same targets. */
import { CouldNotMeasure } from '../build/failure.ts'
import { queryText } from '../build/workload.ts'
import { type CrosscheckRound, crosscheckRows, type SideRound } from '../gap/crosscheck.ts'
import { causesOf, mostLikely } from '../gap/failures.ts'
import type { Measurement } from '../gap/measurement.ts'
import { type Crosscheck, crosscheckReport } from '../report/crosscheck.ts'
import { type Results, withResults } from '../report/results.ts'
import type { HttpAddress } from '../targets/address/http.ts'
import type { PostgresAddress } from '../targets/address/postgres.ts'
import { machine } from '../targets/facts.ts'
import { type AskedSide, sample } from '../targets/parity.ts'
import { type Answers, pgbenchWarm } from '../targets/postgres/pgbench.ts'
import { httpClient, usesApacheBench } from '../targets/python/http-client.ts'
import { headersOf, methodOf, sentOf, statusesOf } from '../workload/http.ts'
import type { AnyKey } from '../workload/workload.ts'
import { exitCode } from './exit-codes.ts'
import { type BlockSettings, measureBlocks } from './k6.ts'
import { premisesOfAll, refuseBroken } from './premises.ts'
import { show } from './progress.ts'
import { type GivenTargets, predictingSides, readTargets, type Targets, withTargets } from './targets.ts'

export interface CrosscheckOptions extends GivenTargets {
  clients: number[]
  rounds: number
  block: number
  seed: number
  queryMode: BlockSettings['queryMode']
}

/** A side by the client of another make. */
interface OwnClient {
  name: string
  mode?: string
  ask: (clients: number, seed: number) => Promise<Answers>
}

/** What pgbench draws from: its script names each question, and grows with them. */
const mostQuestions = 20_000

/** All keys, or so many from all over: the first ones alone lie beside each other, and are answered sooner. */
export const questioned = (keys: readonly AnyKey[], seed: number): readonly AnyKey[] =>
  keys.length > mostQuestions ? sample(keys, mostQuestions, seed) : keys

function ownClientOf(
  { side, address }: AskedSide,
  { block, queryMode, seed: seedOfKeys }: CrosscheckOptions,
  { keys, asked }: Targets,
  left: Results,
  signal: AbortSignal,
): OwnClient {
  const some = questioned(keys, seedOfKeys)
  if (side.protocol === 'sql') {
    const query = queryText(side.query, asked.texts)
    const questions = some.map((key) => side.parameters(key))
    const mode = side.mode ?? queryMode
    return {
      name: 'pgbench',
      mode,
      ask: (clients, seed) =>
        pgbenchWarm({
          address: address as PostgresAddress,
          query,
          questions,
          clients,
          queryMode: mode,
          seed,
          seconds: block,
          folder: left.folder,
          signal,
        }),
    }
  }
  const to = {
    address: address as HttpAddress,
    method: methodOf(side),
    headers: headersOf(side, asked.variables),
    requests: some.map((key) => sentOf(side, key)),
    statuses: statusesOf(side),
  }
  return {
    name: usesApacheBench(to) ? 'ApacheBench' : 'autocannon',
    ask: (clients) => httpClient({ ...to, clients, length: { seconds: block }, folder: left.folder, signal }),
  }
}

export async function crosscheck(options: CrosscheckOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets(options)
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const rounds: CrosscheckRound[] = []
      const byK6: Measurement[] = []
      const own = Object.fromEntries(
        predictingSides(targets).map((each) => [
          each.side.name,
          ownClientOf(each, options, targets, left, signal),
        ]),
      )
      const names = [...new Set(Object.values(own).map(({ name }) => name))]
      await show(
        options.clients.map((clients) => ({
          title: `Ask with ${names.join(', ')} and k6 at ${clients} client${clients === 1 ? '' : 's'}`,
          work: async (progress) => {
            for (let round = 0; round < options.rounds; round++) {
              progress(`round ${round + 1} of ${options.rounds}`)
              const made = await oneRound(clients, round, own, options, targets, left, signal)
              rounds.push(made.round)
              byK6.push(...made.measurements)
            }
            return undefined
          },
        })),
      )
      const result: Crosscheck = {
        rows: crosscheckRows(rounds, options.seed),
        clients: Object.fromEntries(Object.entries(own).map(([side, { name }]) => [side, name])),
        modes: Object.fromEntries(
          Object.entries(own).flatMap(([side, { mode }]) => (mode === undefined ? [] : [[side, mode]])),
        ),
        rounds: options.rounds,
      }
      const premises = premisesOfAll(byK6, [], {})
      await left.keepJson('crosscheck.json', { machine: machine(), ...result, rounds, premises })
      process.stdout.write(`${crosscheckReport(result)}\n\n${left.said()}\n`)
      refuseBroken(premises, left.folder)
      return exitCode.pass
    }),
  )
}

/** All clients of all sides, one after the other; every second round begins at the other end, so that drift hits all alike. */
async function oneRound(
  clients: number,
  round: number,
  own: Record<string, OwnClient>,
  { block, seed, queryMode }: CrosscheckOptions,
  targets: Targets,
  left: Results,
  signal: AbortSignal,
): Promise<{ round: CrosscheckRound; measurements: Measurement[] }> {
  const measurements: Measurement[] = []
  const byK6 = async (side: string) => {
    const settings: BlockSettings = {
      ...{ sides: [side], clients: [clients], pairs: 1, block, warmup: 5, seed: seed + round, queryMode },
    }
    const measurement = await measureBlocks(settings, targets, left, signal)
    const [measured] = measurement.blocks
    if (!measured || measured.failed.count > 0) {
      const { cause = '', next } = mostLikely(causesOf(measurement))
      throw new CouldNotMeasure(
        `k6 saw ${measured?.failed.count ?? 'no block, but'} failures of ${side}${cause && `; ${cause}`}`,
        next,
      )
    }
    measurements.push(measurement)
    return measured.tps
  }
  const sides: Record<string, SideRound> = {}
  const turns = Object.entries(own).flatMap(([side, { name, ask }]) => {
    const figures = { own: 0, k6: 0 }
    sides[side] = figures
    return [
      async () => {
        const { tps, failures } = await ask(clients, seed + round)
        if (failures > 0) throw new CouldNotMeasure(`${name} saw ${failures} failures of ${side}`)
        figures.own = tps
      },
      async () => {
        figures.k6 = await byK6(side)
      },
    ]
  })
  if (round % 2 === 1) turns.reverse()
  for (const turn of turns) await turn()
  return { round: { clients, sides }, measurements }
}
