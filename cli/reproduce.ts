/**
 * `inference-gap reproduce`: the published experiment, call for call, beside what it was meant to be.
 *
 * It asked 10,000 times for one key with one client: pgbench in extended mode, ApacheBench with keep-alive asked for. Its
 * service ran sync workers, which closed each connection all the same; ours keep it.
 */
import { BadInput } from '../build/failure.ts'
import { inCache } from '../build/paths.ts'
import { type WayRound, wayOf } from '../gap/reproduce.ts'
import { type Reproduction, reproductionReport } from '../report/reproduce.ts'
import { withResults } from '../report/results.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { machine } from '../targets/facts.ts'
import { pgbench } from '../targets/postgres/pgbench.ts'
import { callsClient, httpCalls } from '../targets/python/http-client.ts'
import { startPythonService } from '../targets/python/service.ts'
import { modelFile } from '../targets/python/training.ts'
import { exitCode } from './exit-codes.ts'
import { show } from './progress.ts'
import { withTargets } from './targets.ts'

export interface ReproduceOptions {
  calls: number
  rounds: number
}

export async function reproduce({ calls, rounds }: ReproduceOptions, signal: AbortSignal): Promise<number> {
  return withResults((left) =>
    withTargets({}, signal, async ({ addresses, keys: allKeys, stack }) => {
      const { folder } = left
      const { postgresUrl, pythonUrl } = addresses()
      const redisUrl = stack.featureStore?.url
      if (redisUrl === undefined) throw new BadInput('reproduce works on the embedded targets only')
      const asPublished = await startPythonService({
        home: inCache('python-target', 'sync'),
        modelFile,
        redisUrl,
        env: { WORKER_CLASS: 'sync' },
        signal,
      })
      try {
        const [key] = await allKeys()
        const keys = key ? [key] : []
        const sql = (queryMode: 'extended' | 'prepared') => () =>
          pgbench({
            address: postgresUrl,
            keys,
            clients: 1,
            queryMode,
            seed: 1,
            length: { transactions: calls },
            folder,
            signal,
          })
        const http = (address: HttpAddress) => async () => {
          const { keptAlive, ...figures } = await httpCalls({ address, keys, calls, folder, signal })
          return { ...figures, ...(keptAlive !== undefined && { keptAlive: keptAlive / calls }) }
        }
        const ways: {
          name: string
          target: 'postgres' | 'python'
          ask: () => Promise<WayRound>
          rounds: WayRound[]
        }[] = [
          { name: 'pgbench extended', target: 'postgres', ask: sql('extended'), rounds: [] },
          { name: 'pgbench prepared', target: 'postgres', ask: sql('prepared'), rounds: [] },
          {
            name: 'connections closed',
            target: 'python',
            ask: http(httpAddress(asPublished.url)),
            rounds: [],
          },
          { name: 'kept alive', target: 'python', ask: http(pythonUrl), rounds: [] },
        ]
        await show([
          {
            title: `Ask ${calls.toLocaleString('en')} times each way`,
            work: async (progress) => {
              for (let round = 1; round <= rounds; round++) {
                progress(`round ${round} of ${rounds}`)
                for (const way of round % 2 === 1 ? ways : [...ways].reverse())
                  way.rounds.push(await way.ask())
              }
              return undefined
            },
          },
        ])
        const of = (target: string) =>
          ways.filter((way) => way.target === target).map((way) => wayOf(way.name, way.rounds))
        const result: Reproduction = {
          calls,
          rounds,
          httpClient: callsClient(pythonUrl),
          postgres: of('postgres'),
          python: of('python'),
        }
        await left.keepJson('reproduce.json', { machine: machine(), ...result })
        process.stdout.write(`${reproductionReport(result)}\n\n${left.said()}\n`)
        return exitCode.pass
      } finally {
        await asPublished.stop()
      }
    }),
  )
}
