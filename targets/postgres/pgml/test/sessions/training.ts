/**
 * Training against Python's: the same predictions and the same metrics from the same rows. And what a client sees of a
 * training that takes long: how far it is, and that it ends when it is told to.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import test from 'node:test'
import { execa } from 'execa'
import { python } from '../../../../../build/paths.ts'
import { pgmlSources } from '../../../../../build/pgml.ts'
import { connect, freshServer, session, sleep } from '../harness.ts'

const client = await freshServer()
await client.query(`
  DROP TABLE IF EXISTS rows, large CASCADE;
  DROP SEQUENCE IF EXISTS reads CASCADE;
  SELECT setseed(0.2013);
  CREATE TABLE rows AS
    SELECT i, CASE WHEN random() > 0.1 THEN (random() * 100)::real END AS a, (random() * 10)::int AS b, random() < 0.5 AS c
    FROM generate_series(1, 12000) AS i;
  CREATE VIEW numbers AS
    SELECT a, b, c, (coalesce(a, 20) * b + c::int * 100 + sin(i) * 50)::real AS y FROM rows;
  CREATE VIEW two AS
    SELECT a, b, c, (coalesce(a, 20) * b + sin(i) * 300 > 250)::int AS y FROM rows;
  CREATE VIEW four AS
    SELECT a, b, c, least(greatest((coalesce(a, 20) * b + sin(i) * 100) / 150, 0), 3)::int AS y FROM rows;
  CREATE TABLE large AS SELECT random() AS a, random() AS b, random() AS c, random() AS y FROM generate_series(1, 200000);`)

interface Trained {
  predictions: number[]
  metrics: Record<string, number>
}

async function byPython(view: string, rounds: number, classification: boolean): Promise<Trained> {
  const { rows } = await client.query<{ features: (number | null)[]; y: number }>(
    `SELECT ARRAY[a, b, c::int]::float8[] AS features, y::float8 FROM ${view}`,
  )
  const job = {
    features: rows.map((row) => row.features),
    target: rows.map((row) => row.y),
    rounds,
    classification,
  }
  const { stdout } = await execa(python, [path.join(pgmlSources, 'test', 'sessions', 'train.py')], {
    input: JSON.stringify(job),
  })
  return JSON.parse(stdout)
}

async function byServer(view: string, rounds: number, task: string): Promise<Trained> {
  await client.query('SELECT * FROM pgml.train($1, $2, $1, $3, hyperparams => $4)', [
    view,
    task,
    'y',
    { n_estimators: rounds },
  ])
  const { rows } = await client.query<Trained>(
    `SELECT array_agg(pgml.predict(m.id, v)) AS predictions, (array_agg(m.metrics))[1] AS metrics
     FROM ${view} AS v, (SELECT id, metrics FROM pgml.models ORDER BY id DESC LIMIT 1) AS m`,
  )
  return rows[0] as Trained
}

function assertSame(ours: Trained, theirs: Trained): void {
  assert.equal(ours.predictions.length, theirs.predictions.length)
  for (const [place, prediction] of ours.predictions.entries()) {
    const expected = theirs.predictions[place] as number
    assert.ok(
      Math.abs(prediction - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
      `row ${place}: ${prediction} instead of ${expected}`,
    )
  }
  assert.deepEqual(Object.keys(ours.metrics).sort(), Object.keys(theirs.metrics).sort())
  for (const [name, value] of Object.entries(theirs.metrics))
    assert.ok(
      Math.abs((ours.metrics[name] as number) - value) <= 1e-6 * Math.max(1, Math.abs(value)),
      `${name}: ${ours.metrics[name]} instead of ${value}`,
    )
}

for (const rounds of [1, 25, 100])
  test(`a regression of ${rounds} rounds predicts and scores as Python's`, async () => {
    assertSame(await byServer('numbers', rounds, 'regression'), await byPython('numbers', rounds, false))
  })
for (const [view, classes] of Object.entries({ two: 2, four: 4 }))
  test(`a classification of ${classes} classes predicts and scores as Python's`, async () => {
    assertSame(await byServer(view, 25, 'classification'), await byPython(view, 25, true))
  })

// Numbers that are large beside what they differ by: a year in seconds, an id. A 32-bit float holds neither of the last two.
for (const shift of [0, 1e6, 1e7, 1e9])
  for (const type of ['float8', 'bigint', 'numeric'])
    for (const [name, y] of Object.entries({ 'that learns': 'b * 3 + c::int * 7', 'of noise': 'i % 2' }))
      test(`a regression ${name}, of ${type} around ${shift}, scores as Python's`, async () => {
        await client.query(
          `DROP VIEW IF EXISTS shifted;
           CREATE VIEW shifted AS SELECT a, b, c, (${shift} + ${y})::${type} AS y FROM rows`,
        )
        const ours = await byServer('shifted', 10, 'regression')
        assertSame(ours, await byPython('shifted', 10, false))
        // What 3000 rows of 0 and 1 vary by is 1/4, wherever they lie.
        if (name === 'of noise') {
          const { r2, mean_squared_error: error } = ours.metrics as { r2: number; mean_squared_error: number }
          assert.ok(Math.abs(r2 - (1 - error / 0.25)) < 1e-9, `${r2} beside a mean squared error of ${error}`)
        }
      })

test('a target that does not vary has no r2, and its training says what that means for the deployment', async () => {
  await client.query(
    `CREATE VIEW same AS SELECT a, b, c, CASE WHEN i > 9000 THEN 1e9::float8 ELSE i % 10 END AS y FROM rows;
     CREATE VIEW varies AS SELECT a, b, c, b::float8 AS y FROM rows`,
  )
  assertSame(await byServer('same', 3, 'regression'), await byPython('same', 3, false))
  await session(async (other) => {
    const notices: string[] = []
    other.on('notice', ({ message }) => notices.push(message ?? ''))
    const train = async (relation: string, testSize = 0.25) => {
      notices.length = 0
      const { rows } = await other.query<{ deployed: boolean; id: number }>(
        `SELECT t.deployed, (SELECT max(id)::int FROM pgml.models) AS id
         FROM pgml.train('variance', 'regression', $1, 'y', hyperparams => '{"n_estimators": 2}', test_size => $2) AS t`,
        [relation, testSize],
      )
      const { rows: made } = await other.query('SELECT metrics FROM pgml.models ORDER BY id DESC LIMIT 1')
      return { deployed: rows[0]?.deployed, r2: made[0].metrics.r2, notices: notices.join('; ') }
    }
    const first = await train('same')
    assert.match(first.notices, /no r2: "y" is the same in all 3000 rows that are held out/)
    assert.match(first.notices, /model \d+ is deployed: it has no r2, but there is no other to keep/)
    assert.deepEqual([first.deployed, first.r2], [true, undefined])
    const second = await train('same')
    assert.match(second.notices, /is deployed: neither it nor the deployed model \d+ has a score/)
    assert.deepEqual([second.deployed, second.r2], [true, undefined])
    const scored = await train('varies')
    assert.match(scored.notices, /is deployed: the deployed model \d+ has no r2 to compare with/)
    assert.equal(scored.deployed, true)
    assert.equal(typeof scored.r2, 'number')
    const unscored = await train('same')
    assert.match(unscored.notices, /is not deployed: it has no r2, that of the deployed model is [\d.-]+/)
    assert.deepEqual([unscored.deployed, unscored.r2], [false, undefined])
    const one = await train('varies', 1 / 12000)
    assert.match(one.notices, /no r2: only one row is held out/)
    assert.equal(one.deployed, false)
    // A score beats none, whichever is newer; among none the newest is taken, and that is said.
    await other.query("SELECT pgml.deploy('variance', 'best_score')")
    const { rows } = await other.query(
      `SELECT m.metrics ? 'r2' AS scored FROM pgml.deployments d JOIN pgml.models m ON m.id = d.model_id ORDER BY d.id DESC LIMIT 1`,
    )
    assert.equal(rows[0].scored, true)
    notices.length = 0
    await other.query(
      `DELETE FROM pgml.models WHERE metrics ? 'r2'; SELECT pgml.deploy('variance', 'best_score')`,
    )
    assert.match(
      notices.join('; '),
      /no model of "variance" has a score \(r2\): model \d+ is deployed, the newest/,
    )
  })
})

const trainForever = `SELECT * FROM pgml.train('forever', 'regression', 'large', 'y', hyperparams => '{"n_estimators": 1000000}')`
/** Milliseconds: a round of these rows, and however much else a busy machine does meanwhile; by themselves they take hours. */
const soon = 60_000

test('a training says how far it is, as often as it is told to', async () => {
  await session(async (other) => {
    const notices: string[] = []
    other.on('notice', ({ message }) => notices.push(message ?? ''))
    const train = (interval: string) =>
      other.query(
        `SET pgml.progress_interval = '${interval}';
         SELECT * FROM pgml.train('noticed', 'regression', 'numbers', 'y', hyperparams => '{"n_estimators": 5}', automatic_deploy => false)`,
      )
    await train('0')
    const [rows, rounds] = [
      /^pass (\d): (\d+) of 9000 rows after \d+\.\d s$/,
      /^round (\d) of 5 after \d+\.\d s$/,
    ]
    // The query runs once, and XGBoost reads its rows several times.
    const passes = notices.flatMap((each) => rows.exec(each)?.[1] ?? [])
    assert.ok(passes.length > 1)
    assert.deepEqual(passes, [...new Set(passes)].sort())
    assert.deepEqual(
      notices.slice(passes.length).map((each) => rounds.exec(each)?.[1]),
      ['1', '2', '3', '4', '5'],
    )
    notices.length = 0
    await train('-1')
    await train('1h')
    assert.equal(notices.length, 0)
  })
})

/** What lies where a server keeps temporary files. */
async function temporaryFiles(): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT pg_ls_dir('base/pgsql_tmp', true, false) AS name",
  )
  return rows.map(({ name }) => name)
}

test('a matrix that does not fit into memory is kept on disk, makes the same model and leaves nothing', async () => {
  const models: { predictions: number[]; metrics: object }[] = []
  for (const memory of ['64MB', '1MB'])
    await session(async (other) => {
      await other.query(`SET maintenance_work_mem = '${memory}'`)
      const trained = other.query(
        `SELECT * FROM pgml.train('sized', 'regression', 'large', 'y', hyperparams => '{"n_estimators": 20}')`,
      )
      const seen = new Set<string>()
      for (let isDone = false; !isDone; ) {
        isDone = await Promise.race([trained.then(() => true), sleep(20).then(() => false)])
        for (const name of await temporaryFiles()) seen.add(name)
      }
      const names = [...seen]
      assert.equal(
        names.some((name) => name.endsWith('.pgml')),
        memory === '1MB',
        names.join(),
      )
      const { rows } = await other.query(
        `SELECT m.metrics, (SELECT array_agg(pgml.predict(m.id, l)) FROM (SELECT * FROM large LIMIT 2000) AS l) AS predictions
         FROM pgml.models m ORDER BY m.id DESC LIMIT 1`,
      )
      models.push(rows[0])
    })
  const [inMemory, onDisk] = models
  for (const [place, prediction] of (onDisk?.predictions ?? []).entries())
    assert.ok(Math.abs(prediction - (inMemory?.predictions[place] as number)) < 1e-5, `row ${place}`)
  assert.equal(onDisk?.predictions.length, 2000)
  assert.deepEqual(await temporaryFiles(), [])
})

test('a training that ends while its matrix is made leaves nothing either', async () => {
  await session(async (other) => {
    await other.query(`SET maintenance_work_mem = '1MB'; SET pgml.progress_interval = 0`)
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    let pass = 0
    other.on('notice', ({ message = '' }) => {
      pass = Number(/^pass (\d)/.exec(message)?.[1] ?? pass)
      // Its pages are written in the last pass; it ends in whichever the cancel finds it.
      if (pass === 3) void client.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid])
    })
    await assert.rejects(other.query(trainForever), { code: '57014' })
    assert.ok(pass >= 3)
  })
  assert.deepEqual(await temporaryFiles(), [])
})

test('the query for the rows runs once for all passes, beside the count and the score', async () => {
  await client.query(`
    CREATE SEQUENCE reads;
    CREATE VIEW counted AS SELECT a, b, nextval('reads')::float8 * 0 + b AS y FROM rows`)
  await client.query(
    `SELECT * FROM pgml.train('counted', 'regression', 'counted', 'y', hyperparams => '{"n_estimators": 2}')`,
  )
  const { rows } = await client.query<{ reads: string }>('SELECT last_value AS reads FROM reads')
  assert.ok(Number(rows[0]?.reads) <= 3 * 12_000, `${rows[0]?.reads} rows were read`)
})

test('notices arrive while the training runs, and a cancel ends it at once', async () => {
  await session(async (other) => {
    await other.query("SET pgml.progress_interval = '100ms'")
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const noticed = new Promise((resolve) => other.once('notice', resolve))
    const trained = assert.rejects(other.query(trainForever), { code: '57014' })
    await noticed
    const cancelled = performance.now()
    await client.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid])
    await trained
    assert.ok(performance.now() - cancelled < soon, `${performance.now() - cancelled} ms`)
    // The session goes on, its threads too.
    await other.query(
      `SELECT * FROM pgml.train('after', 'regression', 'numbers', 'y', hyperparams => '{"n_estimators": 2}')`,
    )
  })
})

test('statement_timeout ends a training, while rows are read as well as between rounds', async () => {
  await session(async (other) => {
    await other.query("SET statement_timeout = '700ms'")
    let began = performance.now()
    await assert.rejects(other.query(trainForever), { code: '57014' })
    assert.ok(performance.now() - began < 700 + soon)
    await other.query('RESET statement_timeout')
    await other.query(`CREATE VIEW pg_temp.slow AS SELECT a, y FROM large WHERE pg_sleep(0.01) IS NOT NULL`)
    await other.query("SET statement_timeout = '700ms'")
    began = performance.now()
    await assert.rejects(other.query(`SELECT * FROM pgml.train('slow', 'regression', 'pg_temp.slow', 'y')`), {
      code: '57014',
    })
    assert.ok(performance.now() - began < 700 + soon)
  })
})

test('a backend that is told to end does so during a training, and the server stays up', async () => {
  const other = await connect()
  const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const trained = assert.rejects(other.query(trainForever), { code: '57P01' })
  await sleep(500)
  await client.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid])
  await trained
  for (let tries = 0; ; tries++) {
    const left = await client.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [rows[0]?.pid])
    if (left.rows.length === 0) break
    assert.ok(tries < soon / 50, 'the backend is still there')
    await sleep(50)
  }
  assert.equal((await client.query(`SELECT 1 FROM pgml.projects WHERE name = 'forever'`)).rows.length, 0)
})
