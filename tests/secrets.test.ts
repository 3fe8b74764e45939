/**
 * Secrets in every place where an address can hold one, through the commands that take addresses: they come out nowhere. Both targets
 * are stand-ins that answer the same at once; the service repeats what it was asked where it refuses.
 */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { bundles, inCache, root } from '../build/paths.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { customersTable, pathOfScore, scoreOf, writeCustomers } from './customers.ts'
import { inferenceGapIn, interrupted, k6Run } from './program.ts'

const canary = 'c4nary'
/** Sent in a header, from a variable. */
const serviceToken = `${canary}10`

let folder: string
let server: PostgresServer
let service: Server
let isRefusing = false
let addresses: { postgres: string; python: string }
let keys: string
let workload: string
/** What a user's own workload takes from the environment. */
let variables: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'secrets '))
  keys = path.join(folder, 'keys.json')
  await writeFile(keys, '[[1,2013,1,1],[2,2013,1,1]]')
  server = await startPostgres({ home: path.join(folder, 'postgres') })
  const password = `${canary}1@:/?#${canary}2`
  await withClient(server.url, async (client) => {
    await client.query(`
      CREATE ROLE visitor LOGIN PASSWORD '${password}';
      CREATE SCHEMA pgml;
      CREATE FUNCTION pgml.predict(text, real[]) RETURNS real LANGUAGE sql IMMUTABLE AS 'SELECT 1.5::real';
      CREATE TABLE flights (${[
        ...['year', 'quarter', 'month', 'distance', 'dayofweek', 'dayofmonth', 'depdelayminutes'],
        ...['flight_number_operating_airline', 'originairportid', 'destairportid', 'tail_number'],
      ]
        .map((name) => `${name} int NOT NULL DEFAULT 1`)
        .join()});
      INSERT INTO flights (originairportid, year) VALUES (1, 2013), (2, 2013);
      ${customersTable};
      GRANT USAGE ON SCHEMA pgml TO visitor;
      GRANT SELECT ON flights, customers TO visitor`)
  })
  service = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString() || 'null')
    const { authorization, 'x-token': token } = request.headers
    const isRight =
      authorization === `Basic ${Buffer.from(`${canary}3:${canary}4@${canary}5`).toString('base64')}` &&
      !isRefusing
    const answers: Record<string, () => unknown> = {
      [`/${canary}6?key=${canary}7`]: () => [1.5],
      // A question of the user's own workload.
      [`/${canary}6/${pathOfScore}?key=${canary}7`]: () =>
        token === serviceToken ? { score: scoreOf(body.id) } : undefined,
    }
    const answer = answers[request.url ?? '']?.()
    response
      .writeHead(isRight && answer ? 200 : 404, { 'content-type': 'application/json' })
      .end(
        isRight && answer
          ? JSON.stringify(answer)
          : `Cannot POST ${request.url} of ${authorization} by ${token}`,
      )
  })
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
  const { port } = service.address() as AddressInfo
  addresses = {
    // The first @ is not written as a percent escape.
    postgres: `postgres://visitor:${canary}1@${encodeURIComponent(`:/?#${canary}2`)}@127.0.0.1:${
      new URL(server.url).port
    }/inference_gap?sslmode=disable&sslpassword=${canary}8&options=-c%20app.token%3D${canary}9`,
    python: `http://${canary}3:${canary}4@${canary}5@127.0.0.1:${port}/${canary}6?key=${canary}7`,
  }
  workload = await writeCustomers(folder)
  variables = {
    DATABASE_URL: addresses.postgres,
    SERVICE_URL: addresses.python,
    SERVICE_TOKEN: serviceToken,
  }
})
afterAll(async () => {
  service.closeAllConnections()
  await new Promise((resolve) => service.close(resolve))
  await server.stop()
  await rm(folder, { recursive: true })
})

/** Command lines of all processes but our own, and of those that are left out. */
function commandLines(leftOut: number | undefined): string[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || [process.pid, leftOut].includes(Number(name))) return []
    try {
      return [readFileSync(`/proc/${name}/cmdline`, 'utf8')]
    } catch {
      return [] // ended meanwhile
    }
  })
}

/** Runs a command, and looks at all command lines of the machine meanwhile. */
async function watched(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn('node', [path.join(root, 'cli', 'inference-gap.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  let output = ''
  child.stdout.on('data', (part) => {
    output += part
  })
  child.stderr.on('data', (part) => {
    output += part
  })
  const told = new Set<string>()
  const watch = process.platform === 'linux' ? setInterval(look, 50) : undefined
  function look() {
    // The command's own is the shell's until its first line has run; when it says something, that is over.
    for (const line of commandLines(output === '' ? child.pid : undefined))
      if (line.includes(canary)) told.add(line)
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(watch)
  expect([...told]).toEqual([])
  return { code, output }
}

/** What stands in all files of a folder. */
async function everything(of: string): Promise<string> {
  const names = await readdir(of, { recursive: true })
  const files = names.map((name) => path.join(of, name)).filter((name) => statSync(name).isFile())
  return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
}

/** Both addresses, as flags. */
const flags = () => [
  ...['--postgres-url', addresses.postgres, `--python-url=${addresses.python}`, '--keys', keys],
]

/** Runs a command that is given all secrets; nothing of them may be left. @returns its folder of results */
async function leavesNoSecret(
  args: string[],
  file: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { code, output } = await watched(args, env)
  expect(output).not.toContain(canary)
  const [, told = ''] = /stands in (.+)/.exec(output) ?? []
  expect(told, output).not.toBe('')
  const left = path.resolve(folder, told)
  expect(await readdir(left), output).toContain(file)
  expect(await everything(left)).not.toContain(canary)
  expect([0, 3, 98, 99], output).toContain(code)
  return left
}

/** k6 alone, with one value in another's place, all of them at once. */
async function saysNoSecret(
  scenario: string,
  env: Record<string, string>,
  wrong: (readonly [name: string, value: string])[],
): Promise<void> {
  const runs = await Promise.all(wrong.map(([name, value]) => k6Run(scenario, { ...env, [name]: value })))
  for (const { output } of runs) expect(output).not.toContain(canary)
}

describe('secrets of addresses come out nowhere', () => {
  const short = ['--clients', '1', '--pairs', '1', '--block', '1', '--warmup', '1']

  test('of compare, and of gate on what it left', async () => {
    const left = await leavesNoSecret(
      ['compare', ...short, '--sessions', '1', '--looks', '1', ...flags()],
      'run.json',
    )
    const run = await readFile(path.join(left, 'run.json'), 'utf8')
    expect(JSON.parse(run).command).toContain('postgres://visitor:***@127.0.0.1:')
    const { output } = await watched(['gate', path.join(left, 'run.json')])
    expect(output).not.toContain(canary)
    expect(await everything(left)).not.toContain(canary)
    await rm(left, { recursive: true })
  })

  test('of modes', async () => {
    await rm(await leavesNoSecret(['modes', ...short, '--sessions', '1', ...flags()], 'modes.json'), {
      recursive: true,
    })
  })

  test('of crosscheck', async () => {
    const left = await leavesNoSecret(
      ['crosscheck', '--clients', '1', '--rounds', '1', '--block', '1', ...flags()],
      'crosscheck.json',
    )
    await rm(left, { recursive: true })
  })

  test('where the service refuses and repeats what it was asked', async () => {
    isRefusing = true
    try {
      const { code, output } = await watched([
        ...['compare', ...short, '--postgres-url', addresses.postgres],
        ...['--python-url', addresses.python, '--keys', keys],
      ])
      expect(output).toContain('HTTP 404')
      expect(output).not.toContain(canary)
      expect(code, output).toBe(3)
    } finally {
      isRefusing = false
    }
  })

  test('where the password is wrong', async () => {
    const { code, output } = await watched([
      ...['compare', ...short, '--postgres-url', addresses.postgres.replace(`${canary}1@`, `${canary}@`)],
      ...['--python-url', addresses.python, '--keys', keys],
    ])
    expect(output).toContain('password authentication failed')
    expect(output).not.toContain(canary)
    expect(code, output).toBe(3)
  })

  test.each(['postgres-predict', 'python-predict', 'compare'])('of k6 with %s alone', async (scenario) => {
    const env = {
      ...{
        CLIENTS: '1',
        DURATION: '1',
        PAIRS: '1',
        BLOCK_SECONDS: '1',
        WARMUP_SECONDS: '1',
        KEYS_FILE: keys,
      },
      ...{ POSTGRES_URL: addresses.postgres, PYTHON_URL: addresses.python },
    }
    const answered = await k6Run(bundle(scenario), env)
    expect(answered.output).not.toContain(canary)
    expect([0, 99], answered.output).toContain(answered.code)
    await saysNoSecret(bundle(scenario), env, [
      ['POSTGRES_URL', `postgres://visitor:1/${canary}@127.0.0.1/db`],
      ['POSTGRES_URL', addresses.postgres.replace('sslmode=disable', 'sslmode=on')],
      ['POSTGRES_URL', addresses.postgres.replace(`${canary}1@`, `${canary}@`)],
      ['PYTHON_URL', `http://me:1/${canary}@127.0.0.1/`],
      ['PYTHON_URL', addresses.python.replace(`/${canary}6`, `/${canary}`)],
    ])
  })
})

describe('secrets of sides of one’s own come out nowhere', () => {
  const own = path.join(bundles, 'tests-customers')
  afterAll(() => rm(own, { recursive: true, force: true }))

  const short = ['--clients', '1', '--pairs', '1', '--block', '1', '--warmup', '1', '--sessions', '1']

  test.each([
    ['compare', [...short, '--looks', '1'], 'run.json'],
    ['modes', short, 'modes.json'],
    ['crosscheck', ['--clients', '1', '--rounds', '1', '--block', '1'], 'crosscheck.json'],
  ] as const)('of %s', async (command, args, file) => {
    const left = await leavesNoSecret([command, ...args, '--workload', workload], file, variables)
    expect(await everything(own)).not.toContain(canary)
    await rm(left, { recursive: true })
  })

  test('of check, whether or not the sides answer', async () => {
    const right = await watched(['check', '--workload', workload], variables)
    expect(right.output).toContain('table and api answer 3 of 3 keys alike')
    expect(right.output).not.toContain(canary)
    for (const [name, value, told] of [
      ['SERVICE_TOKEN', `${canary}11`, 'HTTP 404'],
      [
        'DATABASE_URL',
        addresses.postgres.replace(`${canary}1@`, `${canary}@`),
        'password authentication failed',
      ],
      ['DATABASE_URL', `postgres://visitor:1/${canary}@127.0.0.1/db`, 'DATABASE_URL'],
      ['SERVICE_URL', `http://me:1/${canary}@127.0.0.1/`, 'SERVICE_URL'],
    ] as const) {
      const { code, output } = await watched(['check', '--workload', workload], {
        ...variables,
        [name]: value,
      })
      expect(output).toContain(told)
      expect(output).not.toContain(canary)
      expect([2, 3], output).toContain(code)
    }
  })

  test.each(['table', 'api', 'compare'])('of k6 with %s alone', async (scenario) => {
    const built = await inferenceGapIn(variables, 'build', '--workload', workload)
    expect(built.code, built.output).toBe(0)
    expect(await everything(own)).not.toContain(canary)
    const env = {
      ...{ CLIENTS: '1', DURATION: '1', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' },
      ...variables,
    }
    const answered = await k6Run(path.join(own, `${scenario}.js`), env)
    expect(answered.output).not.toContain(canary)
    expect(answered.code, answered.output).toBe(0)
    await saysNoSecret(path.join(own, `${scenario}.js`), env, [
      ['SERVICE_TOKEN', `${canary}11`],
      ['DATABASE_URL', addresses.postgres.replace(`${canary}1@`, `${canary}@`)],
      ['SERVICE_URL', addresses.python.replace(`/${canary}6`, `/${canary}`)],
    ])
  })
})

test("serve does not show the database's password, and leaves it to its user alone", async () => {
  let left = ''
  const meanwhile = async () => {
    const file = inCache('serve', 'addresses.sh')
    left = await readFile(file, 'utf8')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  }
  const { output } = await interrupted(['serve'], 'Both targets answer', 'SIGINT', { meanwhile })
  const password = await readFile(inCache('postgres', 'password'), 'utf8')
  expect(left).toContain(password)
  expect(output).not.toContain(password)
  await expect(readFile(inCache('serve', 'addresses.sh'))).rejects.toThrow('ENOENT')
})
