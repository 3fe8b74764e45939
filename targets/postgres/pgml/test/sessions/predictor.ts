/**
 * Both predictors against Python's XGBoost, bit for bit: models of every objective that is accepted, rows that are made
 * to be hard (models.py says how), and what the fast predictor cannot represent.
 */
import assert from 'node:assert/strict'
import path from 'node:path'
import { createInterface } from 'node:readline'
import test from 'node:test'
import { execa } from 'execa'
import { python } from '../../../../../build/paths.ts'
import { pgmlSources } from '../../../../../build/pgml.ts'
import { freshServer, long, session } from '../harness.ts'

interface TrainedElsewhere {
  name: string
  model: string
  rows: string[][]
  answers: string[][]
  fast: boolean
  why: string | null
}

const predict = "encode(float4send(pgml.predict($1::bigint, features::real[])), 'hex')"
const predictClasses = `(SELECT string_agg(encode(float4send(each), 'hex'), ' ' ORDER BY place)
  FROM unnest(pgml.predict_proba($1::bigint, features::real[])) WITH ORDINALITY AS u (each, place))`

const client = await freshServer()

/** Puts a model that was trained elsewhere where pgml keeps its own. Returns its number. */
async function insert({ name, model, rows, answers, fast }: TrainedElsewhere): Promise<string> {
  const { rows: made } = await client.query<{ id: string }>(
    `WITH project AS (INSERT INTO pgml.projects (name, task) VALUES ($1, $4::text::pgml.task) RETURNING id),
          model AS (INSERT INTO pgml.models (project_id, num_features, algorithm, hyperparams, status)
                    SELECT id, $2, 'xgboost', '{}', 'successful' FROM project RETURNING id)
     INSERT INTO pgml.files (model_id, path, part, data)
     SELECT id, 'model.ubj', 0, decode($3, 'base64') FROM model RETURNING model_id AS id`,
    // A regression's answer is the model's own number; only a classification has one for each class.
    [name, rows[0]?.length, model, fast && hasClasses(answers) ? 'classification' : 'regression'],
  )
  return made[0]?.id as string
}

const hasClasses = (answers: string[][]) => (answers[0]?.length ?? 0) > 1

async function answersOf(id: string, rows: string[][], predictor: string, ask = predict): Promise<string[]> {
  await client.query(`SET pgml.predictor = ${predictor}`)
  const { rows: answers } = await client.query<{ bits: string }>(
    `SELECT ${ask} AS bits
     FROM unnest($2::text[]) WITH ORDINALITY AS asked (features, place) ORDER BY place`,
    [id, rows.map((row) => `{${row.join(',')}}`)],
  )
  return answers.map(({ bits }) => bits)
}

/** Of several NaN any is right. */
const isNaNBits = (bits: string) => (Number.parseInt(bits, 16) & 0x7fffffff) > 0x7f800000
const comparable = (answers: string[]) =>
  answers.map((bits) =>
    bits
      .split(' ')
      .map((each) => (isNaNBits(each) ? 'NaN' : each))
      .join(' '),
  )

const generator = execa(
  python,
  [path.join(pgmlSources, 'test', 'sessions', 'models.py'), long ? '2000' : '120'],
  {
    maxBuffer: 2 ** 30,
    buffer: false,
  },
)
const all: { made: TrainedElsewhere; id: string }[] = []
for await (const line of createInterface({ input: generator.stdout as NodeJS.ReadableStream })) {
  const made = JSON.parse(line) as TrainedElsewhere
  all.push({ made, id: await insert(made) })
}
await generator

test('the predictor is set in the options of a connection, before the extension is loaded', async () => {
  const { made, id } = all[0] as (typeof all)[number]
  const ask = (connection: typeof client) =>
    connection.query('SELECT pgml.predict($1::bigint, $2::real[])', [id, `{${made.rows[0]?.join(',')}}`])
  for (const predictor of ['fast', 'xgboost']) {
    await session(async (other) => {
      await ask(other)
      const { rows } = await other.query('SHOW pgml.predictor')
      assert.deepEqual(rows, [{ 'pgml.predictor': predictor }])
    }, `-c pgml.predictor=${predictor}`)
  }
})

for (const { made, id } of all) {
  const all = made.fast && hasClasses(made.answers)
  const ask = all ? predictClasses : predict
  const expected = comparable(made.answers.map((each) => (all ? each.join(' ') : (each[0] as string))))

  test(`libxgboost answers as Python does: ${made.name}`, async () => {
    assert.deepEqual(comparable(await answersOf(id, made.rows, 'xgboost', ask)), expected)
  })
  if (made.fast)
    test(`the fast predictor answers as Python does: ${made.name}`, async () => {
      assert.deepEqual(comparable(await answersOf(id, made.rows, 'fast', ask)), expected)
    })
  else
    test(`the fast predictor refuses: ${made.name}`, async () => {
      await assert.rejects(answersOf(id, made.rows, 'fast'), {
        code: '0A000',
        message: `the fast predictor cannot use this model: ${made.why}`,
        hint: "SET pgml.predictor = 'xgboost' predicts with libxgboost itself, which can.",
      })
    })
}
