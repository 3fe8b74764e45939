/** compare on targets that run already, and when one of them is not as it should be. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCode } from '../cli/exit-codes.ts'
import { preparedFlights } from '../datasets/flights.ts'
import { readKeys } from '../datasets/prepared.ts'
import type { Run } from '../report/run.ts'
import { httpAddress } from '../targets/address/http.ts'
import { ask } from '../targets/http.ts'
import { freePort } from '../targets/port.ts'
import { withClient } from '../targets/postgres/client.ts'
import { Stack } from '../targets/stack.ts'
import { answeringAlways, bothSides, inferenceGap } from './program.ts'
import { expectCode, folderOf, left, lenient, short, thresholdsIn } from './verdicts.ts'

const stack = new Stack({ asked: bothSides })
let environment: { POSTGRES_URL: string; PYTHON_URL: string }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'given targets '))
  for (const { work } of stack.steps) await work(() => {})
  environment = { POSTGRES_URL: stack.postgres?.url ?? '', PYTHON_URL: stack.service?.url ?? '' }
})
afterAll(async () => {
  await stack.stop()
  await rm(folder, { recursive: true })
})

const urls = () => ['--keys', preparedFlights.keys, '--postgres-url', environment.POSTGRES_URL]

test('--json is the run and nothing else', async () => {
  const ended = await inferenceGap(
    'compare',
    ...[...short, ...urls(), '--json', '--python-url', environment.PYTHON_URL],
    ...['--thresholds', await thresholdsIn(folder, lenient)],
  )
  const run = JSON.parse(ended.stdout) as Run
  expectCode(ended, exitCode.pass, run)
  expect(run.measurement.pairs.length).toBeGreaterThan(0)
})

test('compare starts nothing of its own', async () => {
  const ended = await inferenceGap(
    ...['compare', ...short, ...urls(), '--python-url', environment.PYTHON_URL],
    ...['--thresholds', await thresholdsIn(folder, lenient)],
  )
  expect(ended.output).not.toContain('Start Postgres')
  expectCode(ended, exitCode.pass, await left(ended.output))
})

test('a service that fails under load only is named by what it answers, and the run is left', async () => {
  let questions = 0
  const server = createServer(async (question, answer) => {
    const body = Buffer.concat(await question.toArray())
    // The parity check asks a thousand times, and the null server once for an answer to give.
    if (++questions > 1001) return void answer.writeHead(503).end('no more workers')
    const { status, body: prediction } = await ask(httpAddress(environment.PYTHON_URL), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    answer.writeHead(status).end(prediction)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const { code, output } = await inferenceGap(
    ...['compare', ...short, ...urls(), '--python-url', url, '--looks', '1'],
    ...['--thresholds', await thresholdsIn(folder, lenient)],
  )
  server.closeAllConnections()
  server.close()
  const told = output.replace(/\s+/g, ' ')
  expect(told).toMatch(
    /answers: in \d+ of \d+ blocks; most likely cause: .*python: HTTP 503 \([\d,]+ times\): no more workers/,
  )
  expect(told).toContain('→ The service, or what stands before it, is out of workers; see its log')
  expect(code, output).toBe(3)
  const results = folderOf(output)
  for (const file of ['run.json', 'report.html', 'junit.xml', 'summary.md']) {
    const text = await readFile(path.join(results, file), 'utf8')
    expect(text, file).toContain('HTTP 503')
    expect(text, file).toContain('no more workers')
  }
})

test('a target that is down could not be measured', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}/`
  const { code, output } = await inferenceGap('compare', ...short, ...urls(), '--python-url', nowhere)
  expect(output).toMatch(
    new RegExp(`python at ${nowhere} does not answer as it should: key \\[.*\\]: connect ECONNREFUSED`),
  )
  expect(code, output).toBe(3)
  const noDatabase = `postgres://me:secret@127.0.0.1:${await freePort()}/x`
  const other = await inferenceGap(
    ...['compare', ...short, '--keys', preparedFlights.keys],
    ...['--postgres-url', noDatabase, '--python-url', environment.PYTHON_URL],
  )
  expect(other.output).toMatch(
    /postgres at postgres:\S+ does not answer as it should: .*connect ECONNREFUSED/,
  )
  expect(other.output).not.toContain('secret')
  expect(other.code, other.output).toBe(3)
})

test('targets that predict differently are not compared', async () => {
  await answeringAlways('[12.5]', async (url) => {
    const { code, output } = await inferenceGap('compare', ...short, ...urls(), '--python-url', url)
    expect(output).toContain('postgres and python do not answer the same: to 1000 of 1000 keys')
    expect(output).toMatch(/key \[\d+,2013,\d+,\d+\]: postgres [\d.]+, python 12.5/)
    expect(code, output).toBe(3)
  })
})

test('the table holds all flights whose delay is known', async () => {
  const [key] = await readKeys(preparedFlights)
  await withClient(environment.POSTGRES_URL, async (client) => {
    const { rows } = await client.query('SELECT count(*)::int AS rows FROM flights')
    expect(rows[0]).toEqual({ rows: 328_521 })
    const where = 'originairportid = $1 AND year = $2 AND month = $3 AND dayofmonth = $4'
    const found = await client.query(`SELECT count(*)::int AS rows FROM flights WHERE ${where}`, [
      ...(key ?? []),
    ])
    expect(found.rows[0].rows).toBeGreaterThan(100)
  })
})
