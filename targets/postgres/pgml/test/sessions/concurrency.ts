/** Several sessions at once, and what must survive a restart, a cancel and the crash of a backend. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Client } from 'pg'
import { connect, freshServer, long, ours, session, sleep, start, stop } from '../harness.ts'

const client = await freshServer()
await client.query(`
  DROP TABLE IF EXISTS line CASCADE;
  CREATE TABLE line AS SELECT i % 100 AS x, i % 7 AS z, (i % 100) * 2 + i % 7 AS y, (i % 100) * -3 AS other FROM generate_series(1, 2000) AS i;
  CREATE VIEW up AS SELECT x, z, y FROM line;
  CREATE VIEW down AS SELECT x, z, other FROM line;
  SELECT pgml.train('line', 'regression', 'up', 'y', hyperparams => '{"n_estimators": 20}');
  SELECT pgml.train('line', 'regression', 'down', 'other', hyperparams => '{"n_estimators": 20}', automatic_deploy => false);`)

/** What every row of the table gets, in one statement: rows enough that a deployment arrives amid them. */
const whole = `SELECT md5(string_agg(encode(float4send(pgml.predict('line', ARRAY[x, z])), 'hex'), '' ORDER BY x, z)) AS digest
  FROM generate_series(0, 99) AS x, generate_series(0, 9) AS z`

async function digestOf(other: Client): Promise<string> {
  const { rows } = await other.query<{ digest: string }>(whole)
  return rows[0]?.digest as string
}

const { rows: models } = await client.query<{ id: string }>('SELECT id FROM pgml.models ORDER BY id')
const digests: string[] = []
for (const { id } of models) {
  await client.query('SELECT pgml.deploy($1)', [id])
  digests.push(await digestOf(client))
}
assert.notEqual(digests[0], digests[1])

for (const predictor of ['xgboost', 'fast'])
  test(`with ${predictor}, each answer during deployments is wholly of one model`, async () => {
    const began = performance.now()
    const seen = new Map<string, number>()
    let deployments = 0
    // Long enough to mean something, and on a busy machine until both models have answered; then minutes must do.
    const goesOn = () => {
      const passed = performance.now() - began
      const enough = deployments > 20 && digests.every((digest) => (seen.get(digest) ?? 0) > 5)
      return passed < (long ? 30_000 : 3000) || (!enough && passed < 300_000)
    }
    const reader = () =>
      session(async (other) => {
        while (goesOn()) {
          const digest = await digestOf(other)
          seen.set(digest, (seen.get(digest) ?? 0) + 1)
        }
      }, `-c pgml.predictor=${predictor}`)
    const writer = () =>
      session(async (other) => {
        while (goesOn()) {
          await other.query('SELECT pgml.deploy($1)', [models[deployments++ % 2]?.id])
          await sleep(5)
        }
      })
    await Promise.all([reader(), reader(), reader(), writer()])
    assert.ok(deployments > 20, `${deployments} deployments`)
    assert.deepEqual([...seen.keys()].sort(), [...digests].sort())
  })

test('a deployment is seen by other sessions once it is committed, and not before', async () => {
  await session(async (other) => {
    await client.query('SELECT pgml.deploy($1)', [models[0]?.id])
    assert.equal(await digestOf(other), digests[0])
    await client.query('BEGIN')
    await client.query('SELECT pgml.deploy($1)', [models[1]?.id])
    assert.equal(await digestOf(other), digests[0])
    assert.equal(await digestOf(client), digests[1])
    await client.query('ROLLBACK')
    assert.equal(await digestOf(client), digests[0])
    await client.query('SELECT pgml.deploy($1)', [models[1]?.id])
    assert.equal(await digestOf(other), digests[1])
  })
})

test('two trainings of one project take turns, and both are kept', async () => {
  const train = (rounds: number) =>
    session((other) =>
      other.query(`SELECT * FROM pgml.train('turns', 'regression', 'up', 'y', hyperparams => $1)`, [
        { n_estimators: rounds },
      ]),
    )
  await Promise.all([train(3), train(4), train(5)])
  const { rows } = await client.query(
    `SELECT count(*)::int AS models, count(DISTINCT p.id)::int AS projects FROM pgml.models m
     JOIN pgml.projects p ON p.id = m.project_id WHERE p.name = 'turns'`,
  )
  assert.deepEqual(rows, [{ models: 3, projects: 1 }])
})

const endless = `SELECT sum(pgml.predict('line', ARRAY[i % 100, 1])) FROM generate_series(1, 100000000) AS i`

for (const predictor of ['xgboost', 'fast'])
  test(`with ${predictor}, predictions end when they are cancelled`, async () => {
    await session(async (other) => {
      await other.query("SET statement_timeout = '300ms'")
      const began = performance.now()
      await assert.rejects(other.query(endless), { code: '57014' })
      assert.ok(performance.now() - began < 60_000)
      await other.query('RESET statement_timeout')
      assert.equal(await digestOf(other), digests[1])
    }, `-c pgml.predictor=${predictor}`)
  })

test('a restart keeps the models and their deployment', { skip: !ours }, async () => {
  await stop()
  await start()
  await session(async (other) => assert.equal(await digestOf(other), digests[1]))
  await session(async (other) => assert.equal(await digestOf(other), digests[1]), '-c pgml.predictor=fast')
})

for (const [what, statement] of Object.entries({
  predicting: endless,
  training: `SELECT * FROM pgml.train('lost', 'regression', 'up', 'y', hyperparams => '{"n_estimators": 1000000}')`,
}))
  test(`after a crash of a backend amid ${what} the server recovers, and answers as before`, {
    skip: !ours,
  }, async () => {
    const other = await connect()
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const lost = assert.rejects(other.query(statement))
    await sleep(500)
    process.kill(rows[0]?.pid as number, 'SIGKILL')
    await lost
    let survivor: Client | undefined
    for (let tries = 0; survivor === undefined; tries++) {
      assert.ok(tries < 1000, 'the server has not come back')
      await sleep(100)
      survivor = await connect().catch(() => undefined)
    }
    assert.equal(await digestOf(survivor), digests[1])
    assert.deepEqual((await survivor.query(`SELECT name FROM pgml.projects WHERE name = 'lost'`)).rows, [])
    await survivor.end()
  })
