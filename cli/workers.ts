/** `inference-gap workers`: the service in several settings of Gunicorn, all in one run. */
import os from 'node:os'
import { BadInput } from '../build/failure.ts'
import { inCache } from '../build/paths.ts'
import { preparedFlights } from '../datasets/flights.ts'
import { premisesOf } from '../gap/premises.ts'
import { workersRows } from '../gap/workers.ts'
import { withResults } from '../report/results.ts'
import { workersReport } from '../report/workers.ts'
import { httpAddress } from '../targets/address/http.ts'
import { machine } from '../targets/facts.ts'
import { type PythonService, startPythonService } from '../targets/python/service.ts'
import { exitCode } from './exit-codes.ts'
import { measureBlocks } from './k6.ts'
import { lengthOf } from './length.ts'
import { refuseBroken } from './premises.ts'
import { countdown, show } from './progress.ts'
import { readTargets, withTargets } from './targets.ts'

export interface WorkersOptions {
  clients: number[]
  pairs: number
  block: number
  warmup: number
  seed: number
}

interface Setting {
  name: string
  env: Record<string, string>
}

/** The last is the default, with which each other one is compared. On one core some of them are the same one. */
export function settingsFor(cores: number): Setting[] {
  const setting = (workers: number, threads: number, socketEach = true): Setting => ({
    name: `${workers} × ${threads}${workers === 1 ? '' : socketEach ? ', a socket each' : ', one socket'}`,
    env: { WORKERS: String(workers), THREADS: String(threads), REUSE_PORT: socketEach ? '1' : '0' },
  })
  const settings = [
    setting(1, 8),
    setting(cores, 1),
    setting(cores, 2),
    setting(cores, 16),
    setting(2 * cores, 2),
    setting(cores, 4, false),
    setting(cores, 4),
  ]
  return settings.filter(({ name }, index) => !settings.slice(index + 1).some((later) => later.name === name))
}

/** Each setting is the same side at another address. */
const variable = (index: number) => `PYTHON_URL_${index + 1}`

export async function workers(options: WorkersOptions, signal: AbortSignal): Promise<number> {
  const read = await readTargets({})
  return withResults((left) =>
    withTargets(read, signal, async (targets) => {
      const settings = settingsFor(os.availableParallelism())
      const redisUrl = targets.stack?.featureStore?.url
      if (redisUrl === undefined) throw new BadInput('workers works on the embedded targets only')
      const services: PythonService[] = []
      try {
        await show(
          settings.map(({ name, env }, index) => ({
            title: `Start the service as ${name}`,
            work: async () => {
              const home = inCache('python-target', `workers-${index}`)
              services.push(
                await startPythonService({ home, prepared: preparedFlights, redisUrl, env, signal }),
              )
              return undefined
            },
          })),
        )
        const block = {
          ...options,
          sides: settings.map((_, index) => `python@${variable(index)}`),
          queryMode: 'prepared' as const,
        }
        const measurement = await show.one('Ask all of them in turn', (progress) =>
          countdown(lengthOf(block), progress, () =>
            measureBlocks(
              block,
              targets,
              left,
              signal,
              undefined,
              services.map(({ url }, index) => ({ address: variable(index), to: httpAddress(url) })),
            ),
          ),
        )
        const rows = workersRows(
          measurement,
          settings.map(({ name, env }) => ({ name, processes: Number(env.WORKERS) })),
        )
        await left.keepJson('workers.json', { machine: machine(), rows, measurement })
        process.stdout.write(`${workersReport(rows, options.pairs)}\n\n${left.said()}\n`)
        refuseBroken(premisesOf(measurement), left.folder)
        return exitCode.pass
      } finally {
        for (const service of services) await service.stop()
      }
    }),
  )
}
