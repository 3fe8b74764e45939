/**
 * `npm run bench:predict`: what one prediction costs inside the server, with either predictor, and in Python; with `--xgboost`,
 * what it costs by the C interface of several versions of libxgboost.
 *
 * One model and the same real flights for all. Processor time is taken of the process that predicts, so that neither the
 * network nor what else the machine does is in it; nothing is subtracted. (Where the system tells no processor time of the
 * server, it is the server's clock.) The ways take turns, in another order each round. All must give the same bits.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Client } from 'pg'
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
import { libraries } from './predict/libraries.ts'
import { type Figure, figureOf, inTurns, Program, tableOf, type Way } from './predict/ways.ts'

const usage = `usage: npm run bench:predict -- [--rounds 15] [--rows 2000] [--xgboost 2.0.3,3.2.0] [--json]
  --rounds   how often each way is timed; the table shows medians of them
  --rows     predictions in each of these
  --xgboost  versions of libxgboost that pip has, called from C, in the place of server and Python
  --json     figures as JSON, in microseconds a row`

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    rows: { type: 'string', default: '2000' },
    xgboost: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const [rounds, rowCount] = [Number(options.rounds), Number(options.rows)]
const versions = options.xgboost?.split(',')
if (
  options.help ||
  !(Number.isInteger(rounds) && rounds > 0 && Number.isInteger(rowCount) && rowCount > 0) ||
  versions?.some((version) => !/^\d+\.\d+\.\d+$/.test(version))
) {
  process.stdout.write(`${usage}\n`)
  process.exit(options.help ? 0 : 2)
}

const home = inCache('tests', 'bench-predict')
const asked = {
  model: path.join(home, 'model.ubj'),
  rows: path.join(home, 'rows.f4'),
  features: flights.features.length,
}

/**
 * The rows as a table, so that they cost no more than reading them from memory, and functions that read them with and
 * without predicting.
 */
async function prepareServer(client: Client): Promise<void> {
  const timed = (name: string, read: string) => `
    CREATE FUNCTION pg_temp.${name}() RETURNS double precision LANGUAGE plpgsql AS $$
    DECLARE
      started timestamptz := clock_timestamp();
    BEGIN
      PERFORM max(${read}) FROM asked;
      RETURN extract(epoch FROM clock_timestamp() - started);
    END
    $$;`
  await client.query(`
    CREATE TEMP TABLE asked AS
      SELECT row_number() OVER () AS place, ARRAY[${flights.features.join(', ')}]::real[] AS features
      FROM (SELECT * FROM flights ORDER BY ctid LIMIT ${rowCount} OFFSET 1000) AS chosen;
    ${timed('predicting', "pgml.predict('flights', features)")}
    ${timed('reading', 'cardinality(features)')}`)
}

/** Linux counts the nanoseconds that a process has had a processor; exact while it has none, which a backend takes a moment for. */
async function processorTime(pid: number): Promise<number | undefined> {
  const file = `/proc/${pid}/schedstat`
  if (!existsSync(file)) return undefined
  await sleep(5)
  return Number((await readFile(file, 'utf8')).split(' ')[0]) / 1e9
}

async function secondsOf(client: Client, pid: number, timed: string): Promise<number> {
  const before = await processorTime(pid)
  const { rows } = await client.query<{ seconds: number }>(`SELECT pg_temp.${timed}() AS seconds`)
  const after = await processorTime(pid)
  return before === undefined || after === undefined ? (rows[0]?.seconds as number) : after - before
}

const inServer =
  (client: Client, pid: number, predictor: string): Way['predict'] =>
  async () => {
    await client.query(`SET pgml.predictor = ${predictor}`)
    // The model is loaded, and for the fast predictor parsed, before it is timed: a session does so once.
    const { rows: answers } = await client.query<{ digest: string }>(
      `SELECT encode(sha256(string_agg(float4send(pgml.predict('flights', features)), '' ORDER BY place)), 'hex') AS digest
       FROM asked`,
    )
    return { seconds: await secondsOf(client, pid, 'predicting'), answers: answers[0]?.digest as string }
  }

/** The model and the rows, for whoever predicts outside of the server. */
async function writeAsked(client: Client): Promise<void> {
  const { rows: files } = await client.query<{ data: Buffer }>(
    `SELECT data FROM pgml.files WHERE model_id = (SELECT id FROM pgml.deployed_models WHERE name = 'flights')`,
  )
  const { rows } = await client.query<{ features: number[] }>('SELECT features FROM asked ORDER BY place')
  await writeFile(asked.model, files[0]?.data as Buffer)
  await writeFile(asked.rows, Buffer.from(Float32Array.from(rows.flatMap(({ features }) => features)).buffer))
}

function tell(figures: Figure[], areSame: boolean, ...lines: string[]): boolean {
  if (options.json) process.stdout.write(`${JSON.stringify({ rounds, rows: rowCount, figures }, null, 2)}\n`)
  else
    process.stdout.write(
      `${tableOf(figures)}\n${rounds} rounds of ${rowCount} real flights, one at a time, model of 25 trees${lines.join('\n')}\n`,
    )
  process.stderr.write(
    areSame
      ? `All gave the same bits for each of the ${rowCount} rows.\n`
      : 'THE ANSWERS DIFFER: these figures compare different things.\n',
  )
  return areSame
}

/** Server and Python. @returns whether all answers are the same */
async function bench(client: Client): Promise<boolean> {
  const { rows: told } = await client.query<{ version: string; pgml: string; pid: number }>(
    "SELECT current_setting('server_version') AS version, pgml.version() AS pgml, pg_backend_pid() AS pid",
  )
  const { version, pgml, pid = 0 } = told[0] ?? {}
  const program = new Program(python, [
    path.join(root, 'bench', 'predict', 'python.py'),
    asked.model,
    asked.rows,
    String(asked.features),
  ])
  try {
    const py = (await program.line()) as { python: string; xgboost: string }
    const { figures, areSame } = await inTurns(
      [
        { name: "pgml.predict, pgml.predictor = 'xgboost'", predict: inServer(client, pid, 'xgboost') },
        { name: "pgml.predict, pgml.predictor = 'fast'", predict: inServer(client, pid, 'fast') },
        { name: 'Python, Booster.inplace_predict(row)', predict: program.way('inplace_predict') },
        { name: 'Python, Booster.predict(DMatrix(row))', predict: program.way('predict') },
      ],
      { rounds, rows: rowCount },
    )
    const reading: number[] = []
    for (let round = 0; round < rounds; round++)
      reading.push(((await secondsOf(client, pid, 'reading')) / rowCount) * 1e6)
    return tell(
      figures,
      areSame,
      `; PostgreSQL ${version}, pgml ${pgml}, Python ${py.python} (XGBoost ${py.xgboost}).`,
      `Of the server's figures ${figureOf('', reading).median.toFixed(2)} µs is reading the row's array; nothing is subtracted.`,
    )
  } finally {
    await program.stop()
  }
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
  await ensureRows(server.url, preparedFlights, digest, { progress: () => {} })
  const model = sha256(
    JSON.stringify([
      digest,
      await sha256File(await xgboostLibrary()),
      await fingerprintOf(pgmlSources, ...pgmlInputs),
    ]),
  )
  await ensurePostgresModel(server.url, flights, model, () => {})
  const areSame = await withClient(server.url, async (client) => {
    await prepareServer(client)
    await writeAsked(client)
    if (!versions) return bench(client)
    const found = await libraries(versions, asked, { rounds, rows: rowCount })
    return tell(found.figures, found.areSame, '; processor time of a program in C that calls the library.')
  })
  if (!areSame) process.exitCode = 1
} finally {
  await server.stop()
  await rm(asked.rows, { force: true })
}
