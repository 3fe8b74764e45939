/** The ways in which the embedded targets' model is trained, each measured alike, and whether they came to the same one. */
import { mkdir, readFile, rm, statfs, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { run } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { inCache, python, root } from '../build/paths.ts'
import type { Progress } from '../build/step.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import type { Prepared } from '../datasets/prepared.ts'
import type { Dataset } from '../workload/dataset.ts'
import { identifier } from '../workload/identifier.ts'
import { withClient } from './postgres/client.ts'
import { type PostgresServer, startPostgres } from './postgres/server.ts'
import { ensureRows, train } from './postgres/training.ts'
import { highWaterMark, withSampledMemory } from './training-memory.ts'

/** The first is what the others are compared with. */
export const ways = ['postgres', 'python', 'python-lean', 'postgres-in-memory'] as const
export type Way = (typeof ways)[number]

/** What ways of the database set before they train: with room for all of it, no part of the matrix lies in files. */
const settingsOf: Partial<Record<Way, string>> = { 'postgres-in-memory': `SET maintenance_work_mem = '1TB'` }

export interface TrainedWay {
  way: Way
  sampledBytes?: number
  markBytes?: number
  seconds: number
  metrics: Record<string, number>
}

/** How a model's predictions for the held-out rows compare with those of the first way's. */
export interface Agreement {
  way: Way
  rows: number
  /** To the last bit. */
  identical: number
  /** A share of the larger prediction, or of 1. */
  largestDifference: number
}

export interface TrainedSize {
  rows: number
  trainRows: number
  testRows: number
  ways: TrainedWay[]
  agreement: Agreement[]
  versions: Record<string, string>
}

const home = inCache('training')
const modelOf = (way: Way) => path.join(home, `${way}.ubj`)
const script = (name: string) => path.join(root, 'targets', 'python', name)

/** Bytes on the disk for a row: in the CSV's copy that the table is, its log, and what each way keeps meanwhile. */
const bytesPerRow = 320

/** @throws {CouldNotMeasure} where the disk will not do */
export async function refuseWithoutRoom(rows: number): Promise<void> {
  await mkdir(home, { recursive: true })
  const { bavail, bsize } = await statfs(home)
  const [free, needed] = [bavail * bsize, rows * bytesPerRow + 2e9]
  if (free < needed)
    throw new CouldNotMeasure(
      `Training on ${rows.toLocaleString('en')} rows takes about ${Math.ceil(needed / 1e9)} GB of disk, and ${Math.floor(free / 1e9)} GB are free`,
      'Make room, or give fewer --rows',
    )
}

/** The same number of threads in each way, unless the hyperparameters say another. */
function withThreads({ hyperparameters }: Dataset, threads: number): Dataset['hyperparameters'] {
  const isGiven = 'n_jobs' in hyperparameters || 'nthread' in hyperparameters
  return isGiven ? hyperparameters : { ...hyperparameters, n_jobs: threads }
}

/** A connection of its own: its backend has done nothing else before. */
const inDatabase = (
  way: Way,
  server: PostgresServer,
  dataset: Dataset,
  threads: number,
  signal: AbortSignal,
): Promise<TrainedWay & { versions: Record<string, string> }> =>
  withClient(
    server.url,
    async (client) => {
      await client.query('DROP EXTENSION IF EXISTS pgml CASCADE; CREATE EXTENSION pgml')
      await client.query(settingsOf[way] ?? '')
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      const { result: seconds, bytes } = await withSampledMemory(async (watch) => {
        watch(server.pid)
        const started = performance.now()
        await train(client, { ...dataset, hyperparameters: withThreads(dataset, threads) })
        return (performance.now() - started) / 1000
      })
      const mark = await highWaterMark(rows[0]?.pid as number)
      const { rows: made } = await client.query<{
        metrics: Record<string, number>
        data: Buffer
        versions: Record<string, string>
      }>(
        `SELECT m.metrics, f.data,
           json_build_object('Postgres', current_setting('server_version'), 'pgml', pgml.version()) AS versions
         FROM pgml.models m JOIN pgml.files f ON f.model_id = m.id ORDER BY m.id DESC LIMIT 1`,
      )
      const [model] = made
      if (model === undefined) throw new CouldNotMeasure('pgml.train left no model')
      await writeFile(modelOf(way), model.data)
      return {
        way,
        ...(bytes !== undefined && { sampledBytes: bytes }),
        ...(mark !== undefined && { markBytes: mark }),
        seconds,
        metrics: model.metrics,
        versions: model.versions,
      }
    },
    { signal },
  )

const reportSchema = z.object({
  rows: z.number(),
  train_rows: z.number(),
  test_rows: z.number(),
  seconds: z.object({ total: z.number() }),
  metrics: z.record(z.string(), z.number()).default({}),
  peak_rss_bytes: z.number(),
  versions: z.record(z.string(), z.string()),
})
type ScriptReport = z.infer<typeof reportSchema>

const readReport = async (file: string): Promise<ScriptReport> =>
  reportSchema.parse(JSON.parse(await readFile(file, 'utf8')))

/** By a program of Python's. */
async function byScript(
  way: Way,
  name: string,
  { csv, description }: Prepared,
  threads: number,
  signal: AbortSignal,
): Promise<TrainedWay & { report: ScriptReport }> {
  const file = path.join(home, `${way}.json`)
  const args = ['--csv', csv, '--dataset', description, '--threads', String(threads)]
  const { bytes } = await withSampledMemory((watch) =>
    run(python, [script(name), ...args, '--model', modelOf(way), '--report', file], {
      onStart: watch,
      signal,
    }),
  )
  const report = await readReport(file)
  return {
    way,
    ...(bytes !== undefined && { sampledBytes: bytes }),
    markBytes: report.peak_rss_bytes,
    seconds: report.seconds.total,
    metrics: report.metrics,
    report,
  }
}

const agreements = z.array(
  z.object({ rows: z.number(), identical: z.number(), largest_difference: z.number() }),
)

/** What each model predicts for all rows that are held out. */
async function agreementOf(
  { csv, description }: Prepared,
  rows: number,
  signal: AbortSignal,
): Promise<Agreement[]> {
  const models = ways.flatMap((way) => ['--model', modelOf(way)])
  const said = await run(
    python,
    [script('agreement.py'), '--csv', csv, '--dataset', description, '--rows', String(rows), ...models],
    { signal },
  )
  return agreements
    .parse(JSON.parse(said))
    .map(({ rows: compared, identical, largest_difference }, index) => ({
      way: ways[index + 1] as Way,
      rows: compared,
      identical,
      largestDifference: largest_difference,
    }))
}

/** What is done at a size, one after the other. */
export interface TrainingStep {
  title: string
  work: (progress: Progress) => Promise<string | undefined>
}

/** A table that is read once, from its beginning to its end, gains nothing by buffers; each that is touched is resident. */
const settings = ['shared_buffers=32MB']

/** A server of its own, in a folder that goes with it: neither the models nor the rows of another command are touched. */
export async function withTraining<T>(
  work: (server: PostgresServer) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  try {
    const server = await startPostgres({ home: path.join(home, 'postgres'), settings, signal })
    try {
      return await work(server)
    } finally {
      await server.stop()
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const said = ({ seconds, markBytes, sampledBytes }: TrainedWay) =>
  `${seconds.toFixed(1)} s, ${Math.round(Math.max(markBytes ?? 0, sampledBytes ?? 0) / 1e6).toLocaleString('en')} MB`

/** @param found receives what was measured, when all steps are done */
export function trainingSteps(
  server: PostgresServer,
  prepared: Prepared,
  threads: number,
  signal: AbortSignal,
  found: (size: TrainedSize) => void,
): TrainingStep[] {
  const { dataset } = prepared
  const trained: TrainedWay[] = []
  const versions: Record<string, string> = {}
  let report: ScriptReport | undefined
  const byPython = (way: Way, name: string) => async () => {
    const { report: own, ...each } = await byScript(way, name, prepared, threads, signal)
    trained.push(each)
    report = own
    Object.assign(versions, own.versions)
    return said(each)
  }
  const byDatabase = (way: Way) => async () => {
    const { versions: own, ...each } = await inDatabase(way, server, dataset, threads, signal)
    trained.push(each)
    Object.assign(versions, own)
    return said(each)
  }
  return [
    {
      title: 'Load the rows into Postgres',
      work: async (progress) => {
        await ensureRows(server.url, prepared, await digestOfCsv(prepared, progress), { progress, signal })
        return undefined
      },
    },
    { title: 'Train in Postgres', work: byDatabase('postgres') },
    { title: 'Train in Python as published', work: byPython('python', 'train.py') },
    { title: 'Train in Python as lean as it gets', work: byPython('python-lean', 'train_lean.py') },
    { title: 'Train in Postgres with the matrix in memory', work: byDatabase('postgres-in-memory') },
    {
      title: 'Compare the models',
      work: async () => {
        const { rows, train_rows, test_rows } = report as ScriptReport
        const agreement = test_rows > 0 ? await agreementOf(prepared, rows, signal) : []
        await withClient(server.url, (client) =>
          client.query(`DROP TABLE ${identifier(dataset.name)} CASCADE`),
        )
        found({ rows, trainRows: train_rows, testRows: test_rows, ways: trained, agreement, versions })
        return agreement
          .map(({ way, identical, rows: of }) => `${way} ${identical} of ${of} the same`)
          .join(', ')
      },
    },
  ]
}
