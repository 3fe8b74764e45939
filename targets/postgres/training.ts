/** Loads a dataset and trains inside Postgres; both are remembered in the database and redone when anything changed. */
import { type Client, DatabaseError } from 'pg'
import { BadInput, Failure } from '../../build/failure.ts'
import type { Progress } from '../../build/step.ts'
import type { Sum } from '../../datasets/hashes.ts'
import { pace } from '../../datasets/pace.ts'
import { digestOfPostgres, loadIntoPostgres, trainedOn } from '../../datasets/postgres.ts'
import type { Prepared } from '../../datasets/prepared.ts'
import type { Dataset } from '../../workload/dataset.ts'
import { identifier } from '../../workload/identifier.ts'
import type { TrainingReport } from '../training.ts'
import { withPeakMemory } from '../training-memory.ts'
import { withClient } from './client.ts'

/** What has been done to this database, and from which content. */
async function state<Facts>(
  client: Client,
  name: string,
): Promise<{ fingerprint: string; facts: Facts } | undefined> {
  await client.query(`CREATE SCHEMA IF NOT EXISTS inference_gap;
    CREATE TABLE IF NOT EXISTS inference_gap.state (name text PRIMARY KEY, fingerprint text NOT NULL, facts jsonb)`)
  const { rows } = await client.query('SELECT fingerprint, facts FROM inference_gap.state WHERE name = $1', [
    name,
  ])
  return rows[0]
}

async function remember(client: Client, name: string, fingerprint: string, facts: unknown): Promise<void> {
  await client.query(
    `INSERT INTO inference_gap.state VALUES ($1, $2, $3)
     ON CONFLICT (name) DO UPDATE SET fingerprint = excluded.fingerprint, facts = excluded.facts`,
    [name, fingerprint, JSON.stringify(facts)],
  )
}

const same = (one: Sum, other: Sum) => one.sum === other.sum && one.count === other.count

/**
 * Makes the table hold the CSV's rows. @param digest of the CSV
 * @param room is asked for before anything is written
 * @returns whether it had to be loaded
 * @throws {Failure} when the table holds other rows afterwards
 */
export async function ensureRows(
  url: string,
  prepared: Prepared,
  digest: Sum,
  {
    progress,
    signal,
    room = async () => {},
  }: { progress: Progress; signal?: AbortSignal | undefined; room?: () => Promise<void> },
): Promise<boolean> {
  const { dataset } = prepared
  const name = `rows of ${dataset.name}`
  const view = trainedOn(dataset)
  const fingerprint = JSON.stringify([digest, dataset, ...(view === dataset.name ? [] : [view])])
  return withClient(url, async (client) => {
    const loaded = await state(client, name)
    const summed = () =>
      digestOfPostgres(client, dataset, pace(progress, 'comparing with the CSV', digest.count))
    const holdsThem = async () => same(await summed().catch(() => ({ count: -1, sum: '' })), digest)
    if (loaded?.fingerprint === fingerprint && (await holdsThem())) return false
    await room()
    await withClient(url, (watcher) =>
      loadIntoPostgres(client, prepared, { rows: digest.count, progress, watcher, signal }),
    )
    const held = await summed()
    if (!same(held, digest))
      throw new Failure(
        `The table ${dataset.name} holds other rows than the CSV that it was loaded from: ${held.count} with the sum ${held.sum}, not ${digest.count} with ${digest.sum}`,
      )
    await remember(client, name, fingerprint, null)
    return true
  })
}

/** What Postgres says of arguments that it cannot use: an invalid parameter value, a feature that is not supported. */
const unusable = ['22023', '0A000']

/** @param isDeployed where it is the best so far @throws {BadInput} where the hyperparameters are none of XGBoost's */
export async function train(client: Client, dataset: Dataset, isDeployed = true): Promise<void> {
  const { name, task, target, hyperparameters, testSize } = dataset
  try {
    await client.query(
      `SELECT * FROM pgml.train($1, $2, $3, $4, algorithm => 'xgboost', hyperparams => $5, test_size => $6,
         automatic_deploy => $7)`,
      [
        name,
        task,
        identifier(trainedOn(dataset)),
        target,
        JSON.stringify(hyperparameters),
        testSize,
        isDeployed,
      ],
    )
  } catch (error) {
    if (!(error instanceof DatabaseError && unusable.includes(String(error.code)))) throw error
    const detail = error.detail?.split('\n').find((line) => line.trim() !== '')
    throw new BadInput(
      `${name} cannot be trained by ${JSON.stringify(hyperparameters)}: ${error.message}${detail ? `: ${detail.trim()}` : ''}`,
      error.hint ?? 'Correct --hyperparams',
    )
  }
}

/** Another model of the same rows, which nobody is answered by before it is deployed. @returns its number, and its file */
export async function trainAnother(
  client: Client,
  dataset: Dataset,
): Promise<{ model: string; file: Buffer }> {
  await train(client, dataset, false)
  const { rows } = await client.query<{ id: string; data: Buffer }>(
    `SELECT m.id, f.data FROM pgml.models m JOIN pgml.projects p ON p.id = m.project_id
       JOIN pgml.files f ON f.model_id = m.id
     WHERE p.name = $1 AND m.id = (SELECT max(id) FROM pgml.models WHERE project_id = p.id) ORDER BY f.part`,
    [dataset.name],
  )
  return { model: rows[0]?.id ?? '', file: Buffer.concat(rows.map(({ data }) => data)) }
}

const firstModel =
  '(SELECT min(m.id) FROM pgml.models m JOIN pgml.projects p ON p.id = m.project_id WHERE p.name = $1)'

/** The one that the project was made with. */
export async function firstModelOf(client: Client, { name }: Dataset): Promise<string> {
  const { rows } = await client.query<{ id: string }>(`SELECT ${firstModel} AS id`, [name])
  return rows[0]?.id ?? ''
}

/** Takes away what was trained or deployed after the first model, which answers again: whoever did that may have been cut off. */
export async function onlyFirstModel(client: Client, { name }: Dataset): Promise<void> {
  await client.query(
    `DELETE FROM pgml.models WHERE project_id = (SELECT id FROM pgml.projects WHERE name = $1) AND id <> ${firstModel}`,
    [name],
  )
}

/** @param fingerprint of all that the model follows from */
export async function ensurePostgresModel(
  url: string,
  dataset: Dataset,
  fingerprint: string,
  progress: Progress,
): Promise<{ report: TrainingReport; trained: boolean }> {
  const known = await withClient(url, async (client) => {
    const found = await state<TrainingReport>(client, 'model')
    if (found?.fingerprint !== fingerprint) return undefined
    await onlyFirstModel(client, dataset)
    return found.facts
  })
  if (known) return { report: known, trained: false }
  progress('training')
  // A connection of its own: the peak is that of a backend that did nothing else.
  return withClient(url, async (client) => {
    // The models of other datasets go with it, and are trained anew when they are asked for.
    await client.query('DROP EXTENSION IF EXISTS pgml CASCADE')
    await client.query('CREATE EXTENSION pgml')
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const started = performance.now()
    const { peak } = await withPeakMemory(rows[0]?.pid as number, () => train(client, dataset))
    const report: TrainingReport = {
      seconds: (performance.now() - started) / 1000,
      peakBytes: peak.bytes,
      peakMethod: peak.method,
      trainedAt: new Date().toISOString(),
    }
    await remember(client, 'model', fingerprint, report)
    return { report, trained: true }
  })
}
