/**
 * `inference-gap reproduce`: the published experiment, call for call, beside what it was meant to be.
 *
 * It asked 10,000 times for one key with one client: pgbench in extended mode, ApacheBench with keep-alive asked for. Its
 * service ran sync workers, which closed each connection all the same; ours keep it.
 */
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { inCache } from '../build/paths.ts'
import { preparedFlights } from '../datasets/flights.ts'
import { failuresOfWays, type WayRound, wayOf } from '../gap/reproduce.ts'
import { type Reproduction, reproductionReport } from '../report/reproduce.ts'
import { withResults } from '../report/results.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import type { PostgresAddress } from '../targets/address/postgres.ts'
import { machine } from '../targets/facts.ts'
import { pgbench } from '../targets/postgres/pgbench.ts'
import { callsClient, httpCalls } from '../targets/python/http-client.ts'
import { startPythonService } from '../targets/python/service.ts'
import { flights, type Key } from '../workload/flights.ts'
import { predictQuery } from '../workload/queries.ts'
import { exitCode } from './exit-codes.ts'
import { show } from './progress.ts'
import { readTargets, withTargets } from './targets.ts'

export interface ReproduceOptions {
  calls: number
  rounds: number
}

const toService = (address: HttpAddress, body: string) => ({
  address,
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  requests: [{ body }],
  statuses: [200],
})

export async function reproduce({ calls, rounds }: ReproduceOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets({})
  return withResults((left) =>
    withTargets(read, signal, async ({ keys, stack }) => {
      const { folder } = left
      const redisUrl = stack?.featureStore?.url
      if (!stack || redisUrl === undefined) throw new BadInput('reproduce works on the embedded targets only')
      const asPublished = await startPythonService({
        home: inCache('python-target', 'sync'),
        prepared: preparedFlights,
        redisUrl,
        env: { WORKER_CLASS: 'sync' },
        signal,
      })
      try {
        const key = keys[0] as Key
        const { POSTGRES_URL: postgres, PYTHON_URL: python } = stack.addresses()
        const body = JSON.stringify(key)
        const sql = (queryMode: 'extended' | 'prepared') => () =>
          pgbench({
            address: postgres as PostgresAddress,
            query: predictQuery(flights),
            questions: [key],
            clients: 1,
            queryMode,
            seed: 1,
            length: { transactions: calls },
            folder,
            signal,
          })
        const http = (address: HttpAddress) => async () => {
          const { keptAlive, ...figures } = await httpCalls({
            ...toService(address, body),
            calls,
            folder,
            signal,
          })
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
          { name: 'kept alive', target: 'python', ask: http(python as HttpAddress), rounds: [] },
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
          httpClient: callsClient(toService(python as HttpAddress, body)),
          postgres: of('postgres'),
          python: of('python'),
        }
        await left.keepJson('reproduce.json', { machine: machine(), ...result })
        process.stdout.write(`${reproductionReport(result)}\n\n${left.said()}\n`)
        const failures = failuresOfWays([...result.postgres, ...result.python])
        if (failures.length > 0)
          throw new CouldNotMeasure(
            `The figures above mean nothing, for not all calls were answered:\n${failures.map((each) => `  - ${each}`).join('\n')}`,
          )
        return exitCode.pass
      } finally {
        await asPublished.stop()
      }
    }),
  )
}
