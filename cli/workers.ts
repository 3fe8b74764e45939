/** `inference-gap workers`: the service in several settings of Gunicorn, in turn, at each number of clients. */
import os from 'node:os'
import path from 'node:path'
import { BadInput } from '../build/failure.ts'
import { inCache, shown, thresholdsFile } from '../build/paths.ts'
import { type WorkersRound, type WorkersSetting, workersRows } from '../gap/workers.ts'
import { workersReport } from '../report/workers.ts'
import { machine } from '../targets/facts.ts'
import { type PythonService, startPythonService } from '../targets/python/service.ts'
import { modelFile } from '../targets/python/training.ts'
import { exitCode } from './exit-codes.ts'
import { measureBlocks } from './k6.ts'
import { show } from './progress.ts'
import { keep, resultFolder } from './sessions.ts'
import { withTargets } from './targets.ts'

export interface WorkersOptions {
  clients: number[]
  rounds: number
  block: number
  seed: number
}

const settingsFor = (cores: number): WorkersSetting[] => [
  { name: `${cores} × 4, a socket each`, env: { WORKERS: `${cores}`, THREADS: '4', REUSE_PORT: '1' } },
  { name: `${cores} × 4, one socket`, env: { WORKERS: `${cores}`, THREADS: '4', REUSE_PORT: '0' } },
  { name: `${cores} × 1, a socket each`, env: { WORKERS: `${cores}`, THREADS: '1', REUSE_PORT: '1' } },
  { name: `${cores} × 16, a socket each`, env: { WORKERS: `${cores}`, THREADS: '16', REUSE_PORT: '1' } },
  {
    name: `${2 * cores} × 2, a socket each`,
    env: { WORKERS: `${2 * cores}`, THREADS: '2', REUSE_PORT: '1' },
  },
  { name: '1 × 8', env: { WORKERS: '1', THREADS: '8', REUSE_PORT: '0' } },
]

export async function workers(options: WorkersOptions, signal: AbortSignal): Promise<number> {
  return withTargets({}, signal, async ({ addresses, stack }) => {
    const folder = await resultFolder(new Date())
    const { clients, rounds, block, seed } = options
    const settings = settingsFor(os.availableParallelism())
    const redisUrl = stack.featureStore?.url
    if (redisUrl === undefined) throw new BadInput('workers works on the embedded targets only')
    const measured: WorkersRound[] = []
    const once = async (index: number, round: number) => {
      const { name, env } = settings[index] as WorkersSetting
      let service: PythonService | undefined
      try {
        // One at a time: idle workers of another would take memory and the caches.
        service = await startPythonService({
          home: inCache('python-target', 'workers'),
          modelFile,
          redisUrl,
          env,
          signal,
        })
        const { blocks } = await measureBlocks(
          {
            ...{ sides: ['python'], clients, pairs: 1, block, warmup: 5, seed: seed + round },
            ...{ queryMode: 'prepared', thresholds: thresholdsFile },
          },
          { ...addresses(), pythonUrl: service.url },
          folder,
          signal,
        )
        for (const each of blocks)
          measured.push({
            name,
            round,
            clients: each.clients,
            tps: each.tps,
            p99Ms: each.ok.p99Ms ?? Number.NaN,
            workers: each.workers,
            processes: Number(env.WORKERS),
          })
      } finally {
        await service?.stop()
      }
    }
    await show(
      Array.from({ length: rounds }, (_, round) => ({
        title: `Ask ${settings.length} settings of the service, round ${round + 1} of ${rounds}`,
        work: async (progress) => {
          const order = settings.map((_, index) => index)
          for (const index of round % 2 === 0 ? order : order.reverse()) {
            progress((settings[index] as WorkersSetting).name)
            await once(index, round)
          }
          return undefined
        },
      })),
    )
    const rows = workersRows(measured, seed)
    await keep(folder, 'workers.json', { machine: machine(), rows, measured })
    process.stdout.write(
      `${workersReport(rows, rounds)}\n\nEverything measured stands in ${shown(path.join(folder, 'workers.json'))}\n`,
    )
    return exitCode.pass
  })
}
