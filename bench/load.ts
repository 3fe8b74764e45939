/**
 * `npm run bench:load`: how fast the targets are loaded, beside what there is for it: the rows' COPY beside `psql \copy` of the
 * same file, the feature store beside `redis-benchmark` with the same command, length of list and size of value.
 *
 *   npm run bench:load -- --rows 1000000 --rounds 6
 *
 * Both of a pair work in turn, in another order each round, and a round gives one ratio. The servers are others than those of a
 * comparison, with the same settings. Rows are generated: of the flights' columns, some 300 a key.
 */
import { existsSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { median } from 'simple-statistics'
import { environment } from '../build/environment.ts'
import { BadInput, Failure } from '../build/failure.ts'
import { locked } from '../build/lock.ts'
import { inCache } from '../build/paths.ts'
import { probe } from '../build/probe.ts'
import { postgresInstallation, pythonEnvironment } from '../build/python.ts'
import { doStep } from '../build/step.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { show } from '../cli/progress.ts'
import { writePrepared } from '../datasets/csv.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import { withDuckDb } from '../datasets/duckdb.ts'
import { ensureLists, type Lists } from '../datasets/lists.ts'
import { copyRows, copyStatement, tableStatement } from '../datasets/postgres.ts'
import { filesOf, type Prepared, preparedIn } from '../datasets/prepared.ts'
import { loadIntoRedis } from '../datasets/redis.ts'
import { ratioOf } from '../gap/ratio.ts'
import { figure, table, withInterval } from '../report/table.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { withClient } from '../targets/postgres/client.ts'
import { libpqEnvironment } from '../targets/postgres/libpq.ts'
import { startPostgres } from '../targets/postgres/server.ts'
import { startFeatureStore, withRedis } from '../targets/python/feature-store.ts'
import { flights } from '../workload/flights.ts'
import { runProgram, withSettings } from './program.ts'

const usage = `usage: npm run bench:load -- [--rows 1000000] [--rounds 6] [--json]
  --rows    how many are loaded each time
  --rounds  how often each way is timed; at least 2
  --json    figures as JSON, in rows a second`

interface Settings {
  rows: number
  rounds: number
  json: boolean
}

function readSettings(): Settings | undefined {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      rounds: { type: 'string', default: '6' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const [rows, rounds] = [Number(values.rows), Number(values.rounds)]
  if (!(Number.isInteger(rows) && rows >= 1000 && Number.isInteger(rounds) && rounds >= 2))
    throw new BadInput('--rows takes a whole number from 1000, --rounds one from 2', usage)
  return { rows, rounds, json: values.json }
}

/** Rows of the flights' columns, the days one after the other; numbers as scattered as real ones, and the same each time. */
const generated = (rows: number) => `
  SELECT year(day) AS year, quarter(day) AS quarter, month(day) AS month, 80 + hash(i, 1) % 4900 AS distance,
    isodow(day) AS dayofweek, dayofmonth(day) AS dayofmonth, 1 + hash(i, 2) % 8500 AS flight_number_operating_airline,
    1 + hash(i, 3) % 3 AS originairportid, 1 + hash(i, 4) % 107 AS destairportid, hash(i, 5) % 4038 AS tail_number,
    hash(i, 6) % 180 AS depdelayminutes
  FROM (SELECT i, DATE '1900-01-01' + (i // 900)::INTEGER AS day FROM range(${rows}) AS numbers (i))`

async function prepare({ rows }: Settings, folder: string): Promise<Prepared> {
  const prepared = preparedIn(path.join(folder, `rows-${rows}`), flights)
  if (filesOf(prepared).every((file) => existsSync(file))) return prepared
  await mkdir(path.dirname(prepared.csv), { recursive: true })
  await withDuckDb((db) => writePrepared(db, prepared, generated(rows), {}))
  return prepared
}

/** One way to load. @returns seconds */
type Way = () => Promise<number>

async function inTurns(
  { rounds }: Settings,
  [ours, theirs]: [Way, Way],
  progress: (what: string) => void,
): Promise<[ours: number[], theirs: number[]]> {
  const seconds: [number[], number[]] = [[], []]
  const both: [Way, number[]][] = [
    [ours, seconds[0]],
    [theirs, seconds[1]],
  ]
  for (let round = -1; round < rounds; round++) {
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`)
    for (const [way, taken] of round % 2 === 0 ? both : both.toReversed()) {
      const one = await way()
      if (round >= 0) taken.push(one)
    }
  }
  return seconds
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

/** The table's making and the COPY, by each in one transaction; of psql its own figure, so that its start is not in it. */
function waysOfPostgres(url: string, prepared: Prepared, rows: number, psql: string): [Way, Way] {
  const { dataset, csv } = prepared
  const drop = `DROP TABLE IF EXISTS ${dataset.name}`
  const copy = copyStatement(dataset)
    .replace('COPY', '\\copy')
    .replace('STDIN', `'${csv.replaceAll("'", "''")}'`)
  return [
    () =>
      withClient(url, async (client) => {
        await client.query(`${drop}; BEGIN; ${tableStatement(dataset)}`)
        const seconds = await timed(() => copyRows(client, prepared, { rows, progress: () => {} }))
        await client.query('COMMIT')
        return seconds
      }),
    async () => {
      const commands = [drop, 'BEGIN', tableStatement(dataset), '\\timing on', copy, '\\timing off', 'COMMIT']
      const { stdout } = await execa(
        psql,
        [
          '--no-psqlrc',
          '--quiet',
          '--set',
          'ON_ERROR_STOP=1',
          ...commands.flatMap((each) => ['--command', each]),
        ],
        { env: environment(libpqEnvironment(postgresAddress(url))), extendEnv: false },
      )
      const [, milliseconds] = /Time: ([\d.]+) ms/.exec(stdout) ?? []
      if (milliseconds === undefined) throw new Failure(`psql told no time:\n${stdout}`)
      return Number(milliseconds) / 1000
    },
  ]
}

/** Lists as ours are on average; each has a name of its own. The password is that of a store which holds nothing but this. */
async function waysOfRedis(url: string, lists: Lists, program: string): Promise<[Way, Way]> {
  const { digest, rows, commands } = lists
  const length = Math.round(rows / digest.count)
  // Around a value of two digits' length there are seven bytes, and names are few beside values.
  const value = '1'.repeat(Math.round((await stat(commands)).size / rows) - 7)
  const { hostname, port, password } = new URL(url)
  const emptied = () => withRedis(url, async (redis) => void (await redis.flushDb('SYNC')))
  return [
    async () => {
      await emptied()
      return timed(() => loadIntoRedis(url, lists, () => {}))
    },
    async () => {
      await emptied()
      const { stdout } = await execa(
        program,
        [
          ...['-h', hostname, '-p', port, '-a', password, '-c', '4', '-P', '16', '--csv'],
          ...['-n', String(digest.count), '-r', '1000000000', 'RPUSH', 'flights:__rand_int__'],
          ...Array.from({ length }, () => value),
        ],
        { env: environment(), extendEnv: false },
      )
      const rate = Number(/^"[^"]*RPUSH[^\n]*?",?"([\d.]+)"/m.exec(stdout)?.[1])
      if (!(rate > 0)) throw new Failure(`${program} told no rate:\n${stdout}`)
      return rows / (rate * length)
    },
  ]
}

interface Compared {
  what: string
  beside: string
  /** Rows a second, by round. */
  ours: number[]
  theirs: number[]
}

const found = (...names: string[]) => names.find((name) => probe(name, '--version') !== undefined)

async function measure(settings: Settings, signal: AbortSignal): Promise<Compared[]> {
  const home = inCache('bench', 'load')
  const compared: Compared[] = []
  const benchmark = found('redis-benchmark', 'valkey-benchmark')
  const psql = path.join(await postgresInstallation(), 'bin', 'psql')
  let prepared: Prepared | undefined
  let lists: Lists | undefined
  const rate = (seconds: number[]) => seconds.map((each) => settings.rows / each)
  await mkdir(home, { recursive: true })
  await show([
    {
      title: `Write ${settings.rows.toLocaleString('en')} rows and sort them into lists`,
      work: async (progress) => {
        prepared = await prepare(settings, home)
        lists = (
          await ensureLists(prepared, await digestOfCsv(prepared), {
            progress,
            folder: path.join(path.dirname(prepared.csv), 'lists'),
          })
        ).lists
        return undefined
      },
    },
    {
      title: 'Load Postgres in turns with psql',
      work: async (progress) => {
        const server = await startPostgres({ home: path.join(home, 'postgres'), signal })
        try {
          const ways = waysOfPostgres(server.url, prepared as Prepared, settings.rows, psql)
          const [ours, theirs] = await inTurns(settings, ways, progress)
          compared.push({ what: 'Postgres', beside: 'psql \\copy', ours: rate(ours), theirs: rate(theirs) })
        } finally {
          await server.stop()
        }
        return undefined
      },
    },
    {
      title: `Load the feature store in turns with ${benchmark ?? 'redis-benchmark'}`,
      work: async (progress) => {
        if (benchmark === undefined)
          return 'left out: neither redis-benchmark nor valkey-benchmark is on the PATH'
        const store = await startFeatureStore({ home: path.join(home, 'redis'), signal })
        try {
          const ways = await waysOfRedis(store.url, lists as Lists, benchmark)
          const [ours, theirs] = await inTurns(settings, ways, progress)
          compared.push({
            what: 'feature store',
            beside: `${benchmark} -P 16`,
            ours: rate(ours),
            theirs: rate(theirs),
          })
        } finally {
          await store.stop()
        }
        return undefined
      },
    },
  ])
  return compared
}

/** Megabytes of this process at its largest, the sorting included. */
const peak = () => (process.resourceUsage().maxRSS * 1024) / 1e6

function report(compared: Compared[], { rows, rounds }: Settings): string {
  return [
    `\n${rows.toLocaleString('en')} rows, rows/s, medians of ${rounds} rounds in turns, ratios with 95 % intervals\n`,
    table(
      ['', 'ours', 'theirs', 'ours ÷ theirs', 'beside'],
      compared.map(({ what, beside, ours, theirs }) => [
        ...[what, figure(median(ours)), figure(median(theirs))],
        withInterval(ratioOf([ours.map((each, round) => each / (theirs[round] as number))], 1)),
        beside,
      ]),
    ),
    `\nThis program, which writes, sorts and loads the rows, took ${figure(peak())} MB of memory at most\n`,
  ].join('\n')
}

async function main(settings: Settings, signal: AbortSignal): Promise<number> {
  return locked(async () => {
    await doStep(pythonEnvironment, { progress: () => {}, signal })
    const compared = await measure(settings, signal)
    process.stdout.write(
      settings.json
        ? `${JSON.stringify({ ...settings, compared, peak: peak() })}\n`
        : report(compared, settings),
    )
    return exitCode.pass
  })
}

await runProgram((signal) => withSettings(`${usage}\n`, readSettings(), (settings) => main(settings, signal)))
