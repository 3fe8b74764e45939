/** Both embedded targets, from nothing to answering: started, loaded, trained, checked to hold the same rows. */
import path from 'node:path'
import { answered } from '../build/answered.ts'
import { Failure } from '../build/failure.ts'
import { fingerprintOf, sha256, sha256File } from '../build/fingerprint.ts'
import { root } from '../build/paths.ts'
import { pgmlInputs } from '../build/pgml.ts'
import { xgboostLibrary } from '../build/python.ts'
import type { Progress } from '../build/step.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import { everyKey, keyCount } from '../datasets/drawn-keys.ts'
import { withDuckDb } from '../datasets/duckdb.ts'
import { preparedFlights } from '../datasets/flights.ts'
import type { Prepared } from '../datasets/prepared.ts'
import { digestOfRedis, loadIntoRedis, type Redis } from '../datasets/redis.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import type { Address } from './asker.ts'
import { type PgBouncer, startPgBouncer } from './postgres/pgbouncer.ts'
import { type PostgresServer, startPostgres } from './postgres/server.ts'
import { ensurePostgresModel, ensureRows } from './postgres/training.ts'
import { type FeatureStore, startFeatureStore, withRedis } from './python/feature-store.ts'
import { type PythonService, startPythonService } from './python/service.ts'
import { ensurePythonModel } from './python/training.ts'
import type { ServingPart } from './serving-memory.ts'
import type { TrainingReport } from './training.ts'

export interface StackOptions {
  signal?: AbortSignal | undefined
  /** What both are made from; default: the flights. */
  prepared?: Prepared | undefined
  postgresPort?: number | undefined
  pythonPort?: number | undefined
  /** How the service reads and writes bodies; default: json. */
  serializer?: string | undefined
  /** PgBouncer before Postgres. */
  pgbouncer?: boolean | undefined
}

/** One thing to do on the way, with its title for people. @returns what there is to say about it when done */
export interface StackStep {
  title: string
  work: (progress: Progress) => Promise<string | undefined>
}

/** Seconds that loading or training may take: more would be a server that hangs. */
const longWork = 3600

const already = 'as before'

/** The steps in their order, and what they make; whoever runs them must call `stop` afterwards, whatever happened. */
export class Stack {
  postgres?: PostgresServer
  pgbouncer?: PgBouncer
  featureStore?: FeatureStore
  service?: PythonService
  training?: { postgres: TrainingReport; python: TrainingReport }
  readonly prepared: Prepared
  readonly #options: StackOptions
  #postgresTraining?: TrainingReport

  constructor(options: StackOptions = {}) {
    this.#options = { ...options }
    this.prepared = options.prepared ?? preparedFlights
  }

  readonly steps: StackStep[] = [
    { title: 'Start Postgres', work: () => this.#startPostgres() },
    { title: 'Load the rows into Postgres', work: (progress) => this.#loadPostgres(progress) },
    { title: 'Train in Postgres', work: (progress) => this.#trainPostgres(progress) },
    { title: 'Train in Python', work: (progress) => this.#trainPython(progress) },
    { title: 'Load the rows into the feature store', work: () => this.#loadRedis() },
    { title: 'Start the Python service', work: () => this.#startService() },
  ]

  /** Of the steps above and what was asked for besides. */
  get allSteps(): StackStep[] {
    return this.#options.pgbouncer
      ? [...this.steps, { title: 'Start PgBouncer', work: () => this.#startPgBouncer() }]
      : this.steps
  }

  /** By the variables that the embedded sides name. */
  addresses(): Record<string, Address> {
    return {
      POSTGRES_URL: postgresAddress(made(this.postgres).url),
      PYTHON_URL: httpAddress(made(this.service).url),
    }
  }

  /** Where load goes in their place: to a pool in front of the database. */
  loadAddresses(): Record<string, Address> {
    return {
      ...this.addresses(),
      ...(this.pgbouncer && { POSTGRES_URL: postgresAddress(this.pgbouncer.url) }),
    }
  }

  /** What has processes of its own. */
  parts(): ServingPart[] {
    return [
      { side: 'postgres', what: 'server and backends', pid: made(this.postgres).pid },
      { side: 'python', what: "Gunicorn's master and workers", pid: made(this.service).pid },
      { side: 'python', what: 'feature store', pid: made(this.featureStore).pid },
    ]
  }

  /**
   * Ends both targets and starts them anew, on their data and models as they are and on their ports; the feature store,
   * which holds its rows in memory, stays.
   */
  async restart(): Promise<void> {
    const [postgres, service] = [made(this.postgres), made(this.service)]
    await service.stop()
    await this.pgbouncer?.stop()
    await postgres.stop()
    this.#options.postgresPort = Number(new URL(postgres.url).port)
    this.#options.pythonPort = Number(new URL(service.url).port)
    await this.#startPostgres()
    if (this.pgbouncer) await this.#startPgBouncer()
    await this.#startService()
  }

  async stop(): Promise<void> {
    await this.service?.stop()
    await this.pgbouncer?.stop()
    await this.featureStore?.stop()
    await this.postgres?.stop()
  }

  async #startPostgres() {
    this.postgres = await startPostgres({ port: this.#options.postgresPort, signal: this.#options.signal })
    return undefined
  }

  async #startPgBouncer() {
    this.pgbouncer = await startPgBouncer(made(this.postgres).url, { signal: this.#options.signal })
    return this.pgbouncer.version
  }

  async #loadPostgres(progress: Progress) {
    const { url } = made(this.postgres)
    const digest = await digestOfCsv(this.prepared)
    const loaded = await this.#inTime('Postgres', () => ensureRows(url, this.prepared, digest, progress))
    return loaded ? undefined : already
  }

  /** What takes its time, but not for ever: loading and training. */
  #inTime<T>(who: string, work: () => Promise<T>): Promise<T> {
    return answered(who, work, { seconds: longWork, signal: this.#options.signal })
  }

  /** Everything that a model follows from besides the side's own code. */
  async #common(): Promise<string> {
    return JSON.stringify([
      await sha256File(this.prepared.csv),
      await sha256File(await xgboostLibrary()),
      this.prepared.dataset,
    ])
  }

  async #trainPostgres(progress: Progress) {
    const code = await fingerprintOf(
      root,
      ...pgmlInputs,
      path.join(root, 'targets', 'postgres', 'training.ts'),
    )
    const { url } = made(this.postgres)
    const fingerprint = sha256((await this.#common()) + code)
    const { report, trained } = await this.#inTime('Postgres', () =>
      ensurePostgresModel(url, this.prepared.dataset, fingerprint, progress),
    )
    this.#postgresTraining = report
    return trained ? undefined : already
  }

  async #trainPython(progress: Progress) {
    const folder = path.join(root, 'targets', 'python')
    const code = await fingerprintOf(
      root,
      path.join(folder, 'train.py'),
      path.join(folder, 'service', 'dataset.py'),
      path.join(folder, 'requirements.txt'),
    )
    const { report, trained } = await ensurePythonModel(
      this.prepared,
      sha256((await this.#common()) + code),
      progress,
      this.#options.signal,
    )
    this.training = { postgres: made(this.#postgresTraining), python: report }
    return trained ? undefined : already
  }

  async #loadRedis() {
    const store = await startFeatureStore({ signal: this.#options.signal })
    this.featureStore = store
    const load = async (redis: Redis) => {
      const put = await loadIntoRedis(redis, this.prepared)
      await withDuckDb(async (db) => {
        const keys = everyKey(db, this.prepared)
        const found = await digestOfRedis(redis, this.prepared.dataset, keys)
        if (found.digest !== put || found.keys !== (await keyCount(db, this.prepared)))
          throw new Failure('The feature store holds other rows than the CSV that it was loaded from')
      })
    }
    await this.#inTime('The feature store', () => withRedis(store.url, load))
    return undefined
  }

  async #startService() {
    this.service = await startPythonService({
      port: this.#options.pythonPort,
      prepared: this.prepared,
      redisUrl: made(this.featureStore).url,
      ...(this.#options.serializer && { env: { SERIALIZER: this.#options.serializer } }),
      signal: this.#options.signal,
    })
    return undefined
  }
}

function made<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the steps of the stack must run in their order')
  return part
}
