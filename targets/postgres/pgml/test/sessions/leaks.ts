/**
 * Memory of one backend over many predictions, deployments and errors: what it holds at the end is what it held after the
 * first of them.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import test from 'node:test'
import { connect, freshServer, long } from '../harness.ts'

const client = await freshServer()
await client.query(`
  DROP TABLE IF EXISTS line CASCADE;
  CREATE TABLE line AS SELECT i % 100 AS x, i % 7 AS z, (i % 100) * 2 + i % 7 AS y FROM generate_series(1, 2000) AS i;
  CREATE VIEW classes AS SELECT x, z, x / 40 AS class FROM line;
  SELECT pgml.train('line', 'regression', 'line', 'y', hyperparams => '{"n_estimators": 25}');
  SELECT pgml.train('line', hyperparams => '{"n_estimators": 200}', automatic_deploy => false);
  SELECT pgml.train('classes', 'classification', 'classes', 'class', hyperparams => '{"n_estimators": 10}');`)
const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
const pid = rows[0]?.pid as number
const { rows: models } = await client.query<{ id: string }>('SELECT id FROM pgml.models ORDER BY id')
const readable = await readFile(`/proc/${pid}/status`, 'utf8').then(
  () => true,
  () => false,
)
const skip = readable ? false : 'there is no /proc here'

/** Kilobytes of the backend's own memory: without the files and the shared buffers that it has touched. */
async function held(): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1])
}

/** What malloc may still give to its own bookkeeping. */
const slack = 512

/** Repeats the statement, and compares the memory with that after a tenth of them. */
async function assertFlat(
  name: string,
  repetitions: number,
  statement: () => Promise<unknown>,
): Promise<void> {
  let first = 0
  let most = 0
  for (let i = 0; i < repetitions; i++) {
    await statement()
    if (i === Math.floor(repetitions / 10)) first = await held()
    if (i >= repetitions / 10) most = Math.max(most, await held())
  }
  test.after(() => process.stdout.write(`# ${name}: ${first} kB, at most ${most} kB later\n`))
  assert.ok(most - first <= slack, `${first} kB grew to ${most} kB`)
}

const perStatement = long ? 100_000 : 500
const statements = 100

for (const predictor of ['fast', 'xgboost'])
  test(`${(perStatement * statements).toLocaleString('en')} predictions with ${predictor}`, {
    skip,
  }, async () => {
    await client.query(`SET pgml.predictor = ${predictor}`)
    await assertFlat(predictor, statements, () =>
      client.query(
        `SELECT sum(pgml.predict('line', ARRAY[i % 100, i % 7])) FROM generate_series(1, ${perStatement}) AS i`,
      ),
    )
  })

test('every other form of prediction', { skip }, async () => {
  for (const predictor of ['xgboost', 'fast']) {
    await client.query(`SET pgml.predictor = ${predictor}`)
    await assertFlat(`other forms, ${predictor}`, 40, () =>
      client.query(`
        SELECT sum(pgml.predict('line', l)), sum(pgml.predict('line', ARRAY[x, z]::numeric[])),
          sum((pgml.predict_proba('classes', ARRAY[x, z]))[1]), sum(pgml.predict('line', ARRAY[x, NULL]::float8[]))
        FROM (SELECT * FROM line LIMIT 200) AS l;
        SELECT count(*) FROM pgml.predict_batch('line', (SELECT array_agg(x::real) FROM line))`),
    )
  }
})

test(`${long ? 200 : 40} deployments in one backend`, { skip }, async () => {
  for (const predictor of ['xgboost', 'fast']) {
    await client.query(`SET pgml.predictor = ${predictor}`)
    // The small model, then the large one: what is compared is what the backend holds with the same model.
    await assertFlat(`deployments, ${predictor}`, long ? 100 : 20, async () => {
      for (const model of models.slice(0, 2)) {
        await client.query('SELECT pgml.deploy($1)', [model.id])
        await client.query(`SELECT pgml.predict('line', ARRAY[1, 2]), pgml.predict('classes', ARRAY[1, 2])`)
      }
    })
  }
})

test('deployments by another session, too', { skip }, async () => {
  const other = await connect()
  await assertFlat('deployments elsewhere', long ? 100 : 20, async () => {
    for (const model of models.slice(0, 2)) {
      await other.query('SELECT pgml.deploy($1)', [model.id])
      await client.query(`SELECT pgml.predict('line', ARRAY[1, 2])`)
    }
  })
  await other.end()
})

test('errors of each kind', { skip }, async () => {
  await assertFlat('errors', 40, async () => {
    for (const statement of [
      `SELECT pgml.predict('nobody', ARRAY[1, 2])`,
      `SELECT pgml.predict('line', ARRAY[1, 2, 3])`,
      `SELECT pgml.predict('line', ROW(1, 'a'))`,
      `SELECT pgml.predict_proba('line', ARRAY[1, 2])`,
      `SELECT * FROM pgml.train('line', hyperparams => '{"max_deep": 1}')`,
      `SELECT * FROM pgml.train('p', 'regression', 'classes', 'nothing')`,
    ])
      await assert.rejects(client.query(statement))
  })
})

test('trainings', { skip }, async () => {
  await assertFlat('trainings', 30, () =>
    client.query(
      `SELECT * FROM pgml.train('line', hyperparams => '{"n_estimators": 5, "nthread": 1}', automatic_deploy => false)`,
    ),
  )
})
