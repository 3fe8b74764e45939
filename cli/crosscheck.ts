/** `inference-gap crosscheck`: k6's figures beside those of the benchmark's own clients, in turn on the same targets. */
import { CouldNotMeasure } from '../build/failure.ts'
import { thresholdsFile } from '../build/paths.ts'
import { type CrosscheckRound, crosscheckRows } from '../gap/crosscheck.ts'
import { causesOf, mostLikely } from '../gap/failures.ts'
import { type Crosscheck, crosscheckReport } from '../report/crosscheck.ts'
import { type Results, withResults } from '../report/results.ts'
import { machine } from '../targets/facts.ts'
import { pgbenchWarm } from '../targets/postgres/pgbench.ts'
import { httpClient, usesApacheBench } from '../targets/python/http-client.ts'
import { exitCode } from './exit-codes.ts'
import { type BlockSettings, measureBlocks } from './k6.ts'
import { show } from './progress.ts'
import { type GivenTargets, type Targets, withTargets } from './targets.ts'

export interface CrosscheckOptions extends GivenTargets {
  clients: number[]
  rounds: number
  block: number
  seed: number
  queryMode: BlockSettings['queryMode']
}

export async function crosscheck(options: CrosscheckOptions, signal: AbortSignal): Promise<number> {
  return withResults((left) =>
    withTargets(options, signal, async (targets) => {
      const rounds: CrosscheckRound[] = []
      const httpName = usesApacheBench(targets.addresses().pythonUrl) ? 'ApacheBench' : 'autocannon'
      await show(
        options.clients.map((clients) => ({
          title: `Ask with pgbench, k6 and ${httpName} at ${clients} client${clients === 1 ? '' : 's'}`,
          work: async (progress) => {
            for (let round = 0; round < options.rounds; round++) {
              progress(`round ${round + 1} of ${options.rounds}`)
              rounds.push(await oneRound(clients, round, options, targets, left, signal))
            }
            return undefined
          },
        })),
      )
      const result: Crosscheck = {
        rows: crosscheckRows(rounds, options.seed),
        queryMode: options.queryMode,
        httpClient: httpName,
        rounds: options.rounds,
      }
      await left.keepJson('crosscheck.json', { machine: machine(), ...result, rounds })
      process.stdout.write(`${crosscheckReport(result)}\n\n${left.said()}\n`)
      return exitCode.pass
    }),
  )
}

/** Four clients, one after the other; every second round begins at the other end, so that drift hits all alike. */
async function oneRound(
  clients: number,
  round: number,
  { block, seed, queryMode }: CrosscheckOptions,
  targets: Targets,
  left: Results,
  signal: AbortSignal,
): Promise<CrosscheckRound> {
  const addresses = targets.addresses()
  const keys = await targets.keys()
  const length = { seconds: block }
  const byK6 = async (target: 'postgres' | 'python') => {
    const settings: BlockSettings = {
      sides: [target],
      clients: [clients],
      pairs: 1,
      block,
      warmup: 5,
      seed: seed + round,
      queryMode,
      thresholds: thresholdsFile,
    }
    const measurement = await measureBlocks(settings, addresses, left, signal)
    const [measured] = measurement.blocks
    if (!measured || measured.failed.count > 0) {
      const { cause = '', next } = mostLikely(causesOf(measurement))
      throw new CouldNotMeasure(
        `k6 saw ${measured?.failed.count ?? 'no block, but'} failures${cause && `; ${cause}`}`,
        next,
      )
    }
    return measured.tps
  }
  const byOwnClient = (name: string, { tps, failures }: { tps: number; failures: number }) => {
    if (failures > 0) throw new CouldNotMeasure(`${name} saw ${failures} failures`)
    return tps
  }
  const figures: CrosscheckRound = { clients, pgbench: 0, k6Postgres: 0, http: 0, k6Python: 0 }
  const turns: (() => Promise<void>)[] = [
    async () => {
      const { postgresUrl: address } = addresses
      figures.pgbench = byOwnClient(
        'pgbench',
        await pgbenchWarm({
          address,
          keys,
          clients,
          queryMode,
          seed: seed + round,
          seconds: block,
          folder: left.folder,
          signal,
        }),
      )
    },
    async () => {
      figures.k6Postgres = await byK6('postgres')
    },
    async () => {
      figures.k6Python = await byK6('python')
    },
    async () => {
      const { pythonUrl: address } = addresses
      figures.http = byOwnClient(
        'the HTTP client',
        await httpClient({ address, keys, clients, length, folder: left.folder, signal }),
      )
    },
  ]
  if (round % 2 === 1) turns.reverse()
  for (const turn of turns) await turn()
  return figures
}
