/**
 * `npm run bench:predict`: what one prediction costs inside the server, with either predictor, and in Python.
 *
 * One model and the same real flights for all. Time is taken where the prediction is made, by the server's clock and by
 * Python's, so that no network, no driver and no JSON is in it; nothing is subtracted. The ways take turns, in another
 * order each round, so that what else the machine does meets all of them. All must give the same bits.
 */
import { once } from 'node:events'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { execa } from 'execa'
import type { Client } from 'pg'
import { environment } from '../build/environment.ts'
import { fingerprintOf, sha256, sha256File } from '../build/fingerprint.ts'
import { locked } from '../build/lock.ts'
import { inCache, python, root } from '../build/paths.ts'
import { pgml, pgmlInputs, pgmlSources } from '../build/pgml.ts'
import { pythonEnvironment, xgboostLibrary } from '../build/python.ts'
import { doStep } from '../build/step.ts'
import { digestOfCsv } from '../datasets/digest.ts'
import { preparedFlights, prepareFlights } from '../datasets/flights.ts'
import { withClient } from '../targets/postgres/client.ts'
import { startPostgres } from '../targets/postgres/server.ts'
import { ensurePostgresModel, ensureRows } from '../targets/postgres/training.ts'
import { flights } from '../workload/flights.ts'

const usage = `usage: npm run bench:predict -- [--rounds 15] [--rows 2000] [--json]
  --rounds  how often each way is timed; the table shows medians of them
  --rows    predictions in each of these
  --json    figures as JSON, in microseconds a row`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    rows: { type: 'string', default: '2000' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [rounds, rowCount] = [Number(options.rounds), Number(options.rows)]
if (options.help || !(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(rowCount) && rowCount > 0)) {
  process.stdout.write(`${usage}\n`)
  process.exit(options.help ? 0 : 2)
}

/** One way to predict all rows. @returns seconds it took, and a digest of the answers' bits */
type Way = () => Promise<{ seconds: number; answers: string }>

const home = inCache('tests', 'bench-predict')

/**
 * The rows as a table, so that they cost no more than reading them from memory, and a function that times one statement
 * over them. It keeps the answers of its first call for the digest, outside of what is timed.
 */
async function prepareServer(client: Client): Promise<void> {
  await client.query(`
    CREATE TEMP TABLE asked AS
      SELECT row_number() OVER () AS place, ARRAY[${flights.features.join(', ')}]::real[] AS features
      FROM (SELECT * FROM flights ORDER BY ctid LIMIT ${rowCount} OFFSET 1000) AS chosen;
    CREATE FUNCTION pg_temp.timed() RETURNS double precision LANGUAGE plpgsql AS $$
    DECLARE
      started timestamptz := clock_timestamp();
    BEGIN
      PERFORM max(pgml.predict('flights', features)) FROM asked;
      RETURN extract(epoch FROM clock_timestamp() - started);
    END
    $$;`)
}

const inServer =
  (client: Client, predictor: string): Way =>
  async () => {
    await client.query(`SET pgml.predictor = ${predictor}`)
    // The model is loaded, and for the fast predictor parsed, before it is timed: a session does so once.
    const { rows: answers } = await client.query<{ digest: string }>(
      `SELECT encode(sha256(string_agg(float4send(pgml.predict('flights', features)), '' ORDER BY place)), 'hex') AS digest
       FROM asked`,
    )
    const { rows: times } = await client.query<{ seconds: number }>('SELECT pg_temp.timed() AS seconds')
    return { seconds: times[0]?.seconds as number, answers: answers[0]?.digest as string }
  }

/** Reading the same arrays and predicting nothing: how much of the server's figures is not prediction. */
const nothing =
  (client: Client): (() => Promise<number>) =>
  async () => {
    const { rows } = await client.query<{ seconds: number }>(`
      WITH started AS MATERIALIZED (SELECT clock_timestamp() AS at),
           read AS MATERIALIZED (SELECT max(cardinality(features)) FROM asked, started)
      SELECT extract(epoch FROM clock_timestamp() - started.at)::float8 AS seconds FROM started, read`)
    return rows[0]?.seconds as number
  }

/** A Python process that predicts when it is told to. */
async function startPython(client: Client) {
  const { rows: files } = await client.query<{ data: Buffer }>(
    `SELECT data FROM pgml.files WHERE model_id = (SELECT id FROM pgml.deployed_models WHERE name = 'flights')`,
  )
  const { rows: asked } = await client.query<{ features: number[] }>(
    'SELECT features FROM asked ORDER BY place',
  )
  const model = path.join(home, 'model.ubj')
  const rows = path.join(home, 'rows.f4')
  await writeFile(model, files[0]?.data as Buffer)
  await writeFile(rows, Buffer.from(Float32Array.from(asked.flatMap((row) => row.features)).buffer))
  const child = execa(
    python,
    [path.join(root, 'bench', 'predict.py'), model, rows, String(flights.features.length)],
    { env: environment(), extendEnv: false, buffer: false, stderr: 'inherit' },
  )
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  const line = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error('Python ended before it had answered')
    return JSON.parse(value)
  }
  const versions = (await line()) as { python: string; xgboost: string }
  const way =
    (name: string): Way =>
    async () => {
      if (!child.stdin?.write(`${name}\n`)) await once(child.stdin as NodeJS.WritableStream, 'drain')
      return line()
    }
  const stop = async () => {
    child.stdin?.end()
    await child
  }
  return { versions, way, stop }
}

const sorted = (values: number[]) => values.toSorted((a, b) => a - b)
/** @param share 0.5: the median */
const quantile = (values: number[], share: number) => {
  const place = (values.length - 1) * share
  const [low, high] = [
    sorted(values)[Math.floor(place)] as number,
    sorted(values)[Math.ceil(place)] as number,
  ]
  return low + (high - low) * (place - Math.floor(place))
}

async function bench(client: Client): Promise<boolean> {
  await prepareServer(client)
  const py = await startPython(client)
  const ways: { name: string; way: Way; times: number[] }[] = [
    { name: "pgml.predict, pgml.predictor = 'xgboost'", way: inServer(client, 'xgboost'), times: [] },
    { name: "pgml.predict, pgml.predictor = 'fast'", way: inServer(client, 'fast'), times: [] },
    { name: 'Python, Booster.inplace_predict(row)', way: py.way('inplace_predict'), times: [] },
    { name: 'Python, Booster.predict(DMatrix(row))', way: py.way('predict'), times: [] },
  ]
  const reading: number[] = []
  const answers = new Set<string>()
  try {
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < ways.length; turn++) {
        const each = ways[(Math.max(round, 0) + turn) % ways.length] as (typeof ways)[number]
        const timed = await each.way()
        answers.add(timed.answers)
        if (round >= 0) each.times.push((timed.seconds / rowCount) * 1e6) // the first round warms up
      }
      reading.push(((await nothing(client)()) / rowCount) * 1e6)
    }
  } finally {
    await py.stop()
  }

  const { rows } = await client.query<{ version: string; pgml: string }>(
    "SELECT current_setting('server_version') AS version, pgml.version() AS pgml",
  )
  const figures = ways.map(({ name, times }) => ({
    name,
    median: quantile(times, 0.5),
    low: quantile(times, 0.25),
    high: quantile(times, 0.75),
  }))
  if (options.json) process.stdout.write(`${JSON.stringify({ rounds, rows: rowCount, figures }, null, 2)}\n`)
  else {
    const table = new Table({
      head: ['one row', 'median µs', 'middle half of rounds', '÷ fastest'],
      colAligns: ['left', 'right', 'right', 'right'],
      style: { head: [], border: [] },
    })
    const fastest = Math.min(...figures.map(({ median }) => median))
    for (const { name, median, low, high } of figures)
      table.push([
        name,
        median.toFixed(2),
        `${low.toFixed(2)} … ${high.toFixed(2)}`,
        (median / fastest).toFixed(1),
      ])
    process.stdout.write(
      `${table}\n${rounds} rounds of ${rowCount} real flights, one at a time, model of 25 trees; PostgreSQL ${rows[0]?.version},` +
        ` pgml ${rows[0]?.pgml}, Python ${py.versions.python} (XGBoost ${py.versions.xgboost}).\n` +
        `Of the server's figures ${quantile(reading, 0.5).toFixed(2)} µs is reading the row's array; nothing is subtracted.\n`,
    )
  }
  const same = answers.size === 1
  process.stderr.write(
    same
      ? `All four gave the same bits for each of the ${rowCount} rows.\n`
      : 'THE ANSWERS DIFFER: these figures compare different things.\n',
  )
  return same
}

await locked(async () => {
  for (const step of [async () => pythonEnvironment, pgml, prepareFlights]) {
    const made = await step()
    if (await doStep(made, { progress: () => {} })) process.stderr.write(`${made.title}: done\n`)
  }
})
await mkdir(home, { recursive: true })
const server = await startPostgres({ home })
try {
  const digest = await digestOfCsv(preparedFlights)
  await ensureRows(server.url, preparedFlights, digest, () => {})
  const model = sha256(
    JSON.stringify([
      digest,
      await sha256File(await xgboostLibrary()),
      await fingerprintOf(pgmlSources, ...pgmlInputs),
    ]),
  )
  await ensurePostgresModel(server.url, flights, model, () => {})
  if (!(await withClient(server.url, bench))) process.exitCode = 1
} finally {
  await server.stop()
  await rm(path.join(home, 'rows.f4'), { force: true })
}
