/** Both embedded targets, from nothing to answering: started, loaded, trained, checked to hold the same rows. */
import { tmpdir } from 'node:os'
import path from 'node:path'
import { answered } from '../build/answered.ts'
import { fingerprintOf, sha256, sha256File } from '../build/fingerprint.ts'
import { cache, inCache, root } from '../build/paths.ts'
import { pgmlInputs } from '../build/pgml.ts'
import { xgboostLibrary } from '../build/python.ts'
import type { Progress } from '../build/step.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import { preparedFlights } from '../datasets/flights.ts'
import type { Sum } from '../datasets/hashes.ts'
import { areSorted, ensureLists, type Lists } from '../datasets/lists.ts'
import type { Prepared } from '../datasets/prepared.ts'
import {
  type Extent,
  extentOf,
  partOf,
  refuseSmallDisk,
  refuseSmallMemory,
  refuseSmallSort,
} from '../datasets/room.ts'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import type { Address } from './asker.ts'
import { type PgBouncer, startPgBouncer } from './postgres/pgbouncer.ts'
import { type PostgresServer, startPostgres } from './postgres/server.ts'
import { ensurePostgresModel, ensureRows } from './postgres/training.ts'
import { type FeatureStore, startFeatureStore } from './python/feature-store.ts'
import { fillStore, packRows } from './python/filled-store.ts'
import { builds, type PythonService, startPythonService } from './python/service.ts'
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
  /** Rows in the feature store, about; default: all. */
  storeRows?: number | undefined
  /** PgBouncer before Postgres. */
  pgbouncer?: boolean | undefined
  /** Streaming replicas of Postgres, which load goes to in its place. */
  replicas?: number | undefined
  /** By which way the service asks the feature store; absent: directly. */
  storeBy?: StoreBy | undefined
  /** Variables of the addresses that are asked; absent: all. */
  asked?: readonly string[] | undefined
}

/** @param place host:port of the feature store @returns another, that leads there */
export type StoreBy = (place: string) => Promise<string>

/** One thing to do on the way, with its title for people. @returns what there is to say about it when done */
export interface StackStep {
  title: string
  work: (progress: Progress) => Promise<string | undefined>
}

/** Seconds that loading or training may take: more would be a server that hangs. */
const longWork = 3600

const already = 'as before'

/** What its log must hold for replicas to follow. */
const replicated = ['wal_level=replica', 'max_wal_senders=20']

/** Where the side that goes by PgBouncer is asked. */
const poolerVariable = 'PGBOUNCER_URL'

/** One address of all of them, which differ in their ports. */
export function severalHosts(servers: readonly PostgresServer[]): string {
  const urls = servers.map(({ url }) => new URL(url))
  const [first] = urls as [URL]
  return first.href.replace(first.host, urls.map(({ host }) => host).join())
}

/** The steps in their order, and what they make; whoever runs them must call `stop` afterwards, whatever happened. */
export class Stack {
  postgres?: PostgresServer
  pgbouncer?: PgBouncer
  replicas: PostgresServer[] = []
  featureStore?: FeatureStore
  service?: PythonService
  /** What the feature store holds. */
  lists?: Lists
  fastService?: PythonService
  training?: { postgres: TrainingReport; python: TrainingReport }
  readonly prepared: Prepared
  readonly #options: StackOptions
  #postgresTraining?: TrainingReport
  /** Of the CSV. */
  #digest?: Sum
  #extent?: Extent
  /** Where the fast service was before it was started anew. */
  #fastPort?: number

  constructor(options: StackOptions = {}) {
    this.#options = { ...options }
    this.prepared = options.prepared ?? preparedFlights
  }

  /** What is needed by those that are asked. */
  get steps(): StackStep[] {
    return [
      { title: 'Read the rows', work: (progress) => this.#read(progress) },
      { title: 'Start Postgres', work: () => this.#startPostgres() },
      { title: 'Load the rows into Postgres', work: (progress) => this.#loadPostgres(progress) },
      { title: 'Train in Postgres', work: (progress) => this.#trainPostgres(progress) },
      { title: 'Train in Python', work: (progress) => this.#trainPython(progress) },
      { title: 'Sort the rows for the feature store', work: (progress) => this.#sort(progress) },
      { title: 'Load the rows into the feature store', work: (progress) => this.#loadRedis(progress) },
      { title: 'Start the Python service', work: () => this.#startService() },
      ...(this.#needsFastService
        ? [{ title: 'Start the fast Python service', work: () => this.#startFastService() }]
        : []),
    ]
  }

  get #needsFastService(): boolean {
    return this.#options.asked?.includes('PYTHON_FAST_URL') ?? true
  }

  /** Of the steps above and what was asked for besides. */
  get allSteps(): StackStep[] {
    const { pgbouncer, replicas } = this.#options
    return [
      ...this.steps,
      ...(pgbouncer ? [{ title: 'Start PgBouncer', work: () => this.#startPgBouncer() }] : []),
      ...(replicas ? [{ title: 'Start the replicas', work: () => this.#startReplicas() }] : []),
    ]
  }

  /** Once all of it runs. */
  running(): Required<Pick<Stack, 'postgres' | 'service' | 'fastService' | 'featureStore'>> {
    return {
      postgres: made(this.postgres),
      service: made(this.service),
      fastService: made(this.fastService),
      featureStore: made(this.featureStore),
    }
  }

  /** The keys that both targets know. */
  get stored(): Pick<Prepared, 'everyKey'> {
    return { everyKey: made(this.lists).everyKey }
  }

  /** By the variables that the embedded sides name. */
  addresses(): Record<string, Address> {
    return {
      POSTGRES_URL: postgresAddress(made(this.postgres).url),
      PYTHON_URL: httpAddress(made(this.service).url),
      ...(this.fastService && { PYTHON_FAST_URL: httpAddress(this.fastService.url) }),
      ...(this.pgbouncer && { [poolerVariable]: postgresAddress(this.pgbouncer.url) }),
    }
  }

  /** What stands between clients and Postgres, by the variable of its address. */
  poolers(): Record<string, PgBouncer> {
    return this.pgbouncer ? { [poolerVariable]: this.pgbouncer } : {}
  }

  /** Where load goes in their place: to the database's replicas. */
  loadAddresses(): Record<string, Address> {
    return {
      ...this.addresses(),
      ...(this.replicas.length > 0 && { POSTGRES_URL: postgresAddress(severalHosts(this.replicas)) }),
    }
  }

  /** What has processes of its own. */
  parts(): ServingPart[] {
    return [
      { side: 'postgres', what: 'server and backends', pid: made(this.postgres).pid },
      ...this.replicas.map(({ pid }, index) => ({ side: 'postgres', what: `replica ${index + 1}`, pid })),
      { side: 'python', what: "Gunicorn's master and workers", pid: made(this.service).pid },
      { side: 'python', what: 'feature store', pid: made(this.featureStore).pid },
    ]
  }

  /**
   * Ends both targets and starts them anew, on their data and models as they are and on their ports; the feature store,
   * which holds its rows in memory, stays.
   */
  async restart(): Promise<void> {
    const [postgres, service, fast] = [made(this.postgres), made(this.service), this.fastService]
    await service.stop()
    await fast?.stop()
    await this.pgbouncer?.stop()
    await this.#stopReplicas()
    await postgres.stop()
    this.#options.postgresPort = Number(new URL(postgres.url).port)
    this.#options.pythonPort = Number(new URL(service.url).port)
    await this.#startPostgres()
    if (this.pgbouncer) await this.#startPgBouncer()
    if (this.#options.replicas) await this.#startReplicas()
    await this.#startService()
    if (!fast) return
    this.#fastPort = Number(new URL(fast.url).port)
    await this.#startFastService()
  }

  async stop(): Promise<void> {
    await this.fastService?.stop()
    await this.service?.stop()
    await this.pgbouncer?.stop()
    await this.featureStore?.stop()
    await this.#stopReplicas()
    await this.postgres?.stop()
  }

  async #stopReplicas(): Promise<void> {
    for (const each of this.replicas) await each.stop()
    this.replicas = []
  }

  /** Each begins as a copy of what is loaded and trained. */
  async #startReplicas() {
    const { replicas = 0, signal } = this.#options
    const began = performance.now()
    for (let number = 1; number <= replicas; number++)
      this.replicas.push(
        await startPostgres({
          home: inCache(`postgres-replica-${number}`),
          settings: replicated,
          standbyOf: made(this.postgres).url,
          signal,
        }),
      )
    const seconds = (performance.now() - began) / 1000
    return `${replicas}, which serve after ${seconds.toFixed(1)} s`
  }

  async #startPostgres() {
    this.postgres = await startPostgres({
      port: this.#options.postgresPort,
      settings: this.#options.replicas ? replicated : [],
      signal: this.#options.signal,
    })
    return undefined
  }

  async #startPgBouncer() {
    this.pgbouncer = await startPgBouncer(made(this.postgres).url, { signal: this.#options.signal })
    return this.pgbouncer.version
  }

  async #read(progress: Progress) {
    const digest = await digestOfCsv(this.prepared, progress)
    this.#digest = digest
    const extent = await extentOf(this.prepared, digest.count)
    this.#extent = extent
    const { storeRows } = this.#options
    const stored = storeRows === undefined ? extent : partOf(extent, storeRows)
    refuseSmallMemory(stored)
    if (!(await areSorted(this.prepared, digest, { storeRows })))
      await refuseSmallSort(stored, { commands: cache, temporary: tmpdir() })
    return `${digest.count.toLocaleString('en')} of them`
  }

  async #loadPostgres(progress: Progress) {
    const { url } = made(this.postgres)
    const loaded = await this.#inTime('Postgres', () =>
      ensureRows(url, this.prepared, made(this.#digest), {
        progress,
        signal: this.#options.signal,
        room: () =>
          refuseSmallDisk(made(this.#extent), inCache('postgres'), { replicas: this.#options.replicas ?? 0 }),
      }),
    )
    return loaded ? undefined : already
  }

  /** What takes its time, but not for ever: loading and training. */
  #inTime<T>(who: string, work: () => Promise<T>): Promise<T> {
    return answered(who, work, { seconds: longWork, signal: this.#options.signal })
  }

  /** Everything that a model follows from besides the side's own code. */
  async #common(): Promise<string> {
    return JSON.stringify([
      made(this.#digest),
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

  async #sort(progress: Progress) {
    const { lists, sorted } = await ensureLists(this.prepared, made(this.#digest), {
      storeRows: this.#options.storeRows,
      progress,
    })
    this.lists = lists
    return sorted ? undefined : already
  }

  async #loadRedis(progress: Progress) {
    const lists = made(this.lists)
    const store = await startFeatureStore({ signal: this.#options.signal })
    this.featureStore = store
    await this.#inTime('The feature store', () => fillStore(store, lists, this.prepared, progress))
    if (this.#needsFastService)
      await this.#inTime('The feature store', () => packRows(store, lists, progress))
    return undefined
  }

  async #startFastService() {
    this.fastService = await startPythonService({
      build: builds.fast,
      home: inCache('python-target', 'fast'),
      port: this.#fastPort,
      prepared: this.prepared,
      redisUrl: await this.#wayTo(made(this.featureStore).packed.url),
      signal: this.#options.signal,
    })
    return undefined
  }

  /** As both services are told. */
  async #wayTo(store: string): Promise<string> {
    const url = new URL(store)
    url.host = (await this.#options.storeBy?.(url.host)) ?? url.host
    return url.href
  }

  async #startService() {
    this.service = await startPythonService({
      port: this.#options.pythonPort,
      prepared: this.prepared,
      redisUrl: await this.#wayTo(made(this.featureStore).url),
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
