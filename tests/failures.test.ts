/** What really fails under load, one way after the other, and what k6's run and the reports made from it say of it. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import http, { type RequestListener } from 'node:http'
import https from 'node:https'
import net, { type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { inCache, k6Binary, root } from '../build/paths.ts'
import { type Measurement, readMeasurement } from '../gap/measurement.ts'
import { premisesOf } from '../gap/premises.ts'
import { everyForm, sampleRun } from '../report/fixture.ts'
import { freePort } from '../targets/port.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'

let folder: string
let postgres: PostgresServer
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'failures '))
  postgres = await startPostgres({
    home: inCache('tests', 'postgres-failures'),
    settings: ['max_connections=10', 'superuser_reserved_connections=1'],
  })
})
afterAll(async () => {
  await postgres.stop()
  await rm(folder, { recursive: true })
})

/** One side alone, asked for a moment. @param before a shell's command, as a limit */
async function measured(env: Record<string, string>, before = 'true'): Promise<Measurement> {
  const summary = path.join(folder, 'measurement.json')
  const done = await execa(
    'sh',
    [
      ...['-c', `${before} && exec "$0" "$@"`, k6Binary, 'run', '--quiet', '--no-color', '--address', ''],
      ...['--summary-mode=disabled', '--no-thresholds', bundle('compare')],
    ],
    {
      ...{ all: true, reject: false, stdin: 'ignore', cwd: root, timeout: 600_000 },
      env: {
        ...{ CLIENTS: '2', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1', SUMMARY_FILE: summary },
        ...{ K6_NO_USAGE_REPORT: 'true', ...env },
      },
    },
  )
  expect(done.exitCode, String(done.all)).toBe(0)
  return readMeasurement(summary)
}

/** The kind and a part of its message stand in every form of the report that is made from this. */
async function expectTold(measurement: Measurement, kind: string, message: string) {
  const found = measurement.failures.filter((failure) => failure.kind === kind)
  expect(found.length, JSON.stringify(measurement.failures)).toBeGreaterThan(0)
  const run = { ...sampleRun(), measurement, premises: premisesOf(measurement), costs: [] }
  for (const [form, text] of Object.entries(await everyForm(run))) {
    expect(text, form).toContain(kind)
    expect(text, form).toContain(message)
    expect(text, form).not.toContain('canary')
  }
  return { found, premises: run.premises }
}

async function served<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket.on('error', () => {}))
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await work((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

const answering = (status: number, body: string, headers: Record<string, string> = {}): RequestListener => {
  return (question, answer) => {
    question.resume()
    answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  }
}

/** Reads a request and treats the connection in its own way. */
const treating = (treat: (socket: net.Socket) => void) =>
  net.createServer({ allowHalfOpen: true }, (socket) => socket.once('data', () => treat(socket)))

const services: [string, string, () => Server][] = [
  [
    'HTTP 302',
    'redirected to https://h/login?…',
    () => http.createServer(answering(302, '', { location: 'https://u:canary@h/login?token=canary' })),
  ],
  ['HTTP 500', 'it broke', () => http.createServer(answering(500, 'it broke'))],
  ['HTTP 503', 'overloaded', () => http.createServer(answering(503, 'overloaded'))],
  [
    'wrong answer',
    'expected a finite number, got undefined from [1,2]',
    () => http.createServer(answering(200, '[1,2]')),
  ],
  ['not JSON', 'expected JSON', () => http.createServer(answering(200, 'one'))],
  ['ECONNRESET', 'reset', () => treating((socket) => socket.resetAndDestroy())],
  [
    'connection closed',
    'broke before the answer was complete',
    () => treating((socket) => void socket.end()),
  ],
  ['malformed HTTP', 'is no HTTP answer', () => treating((socket) => void socket.end('SSH-2.0-server\r\n'))],
]

test.each(services)('%s of a service', async (kind, message, server) => {
  await served(server(), async (port) => {
    const measurement = await measured({ SIDES: 'python', PYTHON_URL: `http://u:canary@127.0.0.1:${port}/` })
    const { found, premises } = await expectTold(measurement, kind, message)
    // Connections that could not be opened, and requests that count.
    expect(new Set(found.map(({ phase }) => phase))).toEqual(
      new Set(['opening', 'warmup', 'lead', 'measure']),
    )
    const counted = found.find(({ phase }) => phase === 'measure')
    expect(counted?.count).toBe(measurement.blocks[0]?.failed.count)
    const answers = premises.find(({ name }) => name === 'answers')
    expect(answers).toMatchObject({ holds: false, seen: 'in 0 of 1 blocks', next: expect.any(String) })
    expect(answers?.cause).toContain(kind)
  })
})

test('a service that leaves a question without an answer', async () => {
  // One, when a connection has settled: with who leaves more of them so long, or leaves a new connection's, nobody goes on.
  const asked = new Map<net.Socket, number>()
  let isLeft = false
  const answer = answering(200, '[1]')
  const server = http.createServer((question, to) => {
    const { socket } = question
    const count = (asked.get(socket) ?? 0) + 1
    asked.set(socket, count)
    if (!isLeft && count === 12) isLeft = true
    else answer(question, to)
  })
  await served(server, async (port) => {
    const env = { SIDES: 'python', PYTHON_URL: `http://127.0.0.1:${port}/` }
    await expectTold(await measured(env), 'time-out', 'no whole answer within 10s')
  })
})

test('nobody there', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`
  await expectTold(await measured({ SIDES: 'python', PYTHON_URL: url }), 'ECONNREFUSED', 'connection refused')
})

test('a certificate that nobody here has heard of, and TLS to who speaks none', async () => {
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1']
  execFileSync('openssl', [...made, '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  const listener = answering(200, '[1]')
  await served(
    https.createServer({ key: await readFile(key), cert: await readFile(cert) }, listener),
    async (port) => {
      const env = { SIDES: 'python', PYTHON_URL: `https://127.0.0.1:${port}/` }
      await expectTold(
        await measured(env),
        'TLS unknown authority',
        'certificate signed by unknown authority',
      )
    },
  )
  await served(http.createServer(listener), async (port) => {
    const env = { SIDES: 'python', PYTHON_URL: `https://127.0.0.1:${port}/` }
    await expectTold(await measured(env), 'TLS not spoken', 'first record does not look like a TLS handshake')
  })
})

test('more files than this process may have open', async () => {
  await served(http.createServer(answering(200, '[1]')), async (port) => {
    const env = { SIDES: 'python', PYTHON_URL: `http://127.0.0.1:${port}/`, CLIENTS: '60' }
    const { found } = await expectTold(await measured(env, 'ulimit -n 48'), 'EMFILE', 'too many open files')
    expect(found.map(({ phase }) => phase)).toContain('opening')
  })
})

test('more clients than the database has room for', async () => {
  const measurement = await measured({
    SIDES: 'postgres:constant',
    POSTGRES_URL: postgres.url,
    CLIENTS: '14',
  })
  const { found } = await expectTold(measurement, 'SQLSTATE 53300', 'too many clients already')
  expect(found.map(({ phase }) => phase)).toContain('opening')
})

test('connections that an administrator ends', async () => {
  let over = false
  const run = measured({
    SIDES: 'postgres:constant',
    POSTGRES_URL: postgres.url,
    BLOCK_SECONDS: '3',
  }).finally(() => {
    over = true
  })
  await withClient(postgres.url, async (client) => {
    while (!over) {
      await client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'k6'",
      )
      await sleep(100)
    }
  })
  await expectTold(await run, 'SQLSTATE 57P01', 'terminating connection due to administrator command')
})

test('a database that has not what is asked for', async () => {
  const { premises } = await expectTold(
    await measured({ SIDES: 'postgres', POSTGRES_URL: postgres.url }),
    'SQLSTATE 42P01',
    'relation "flights" does not exist',
  )
  expect(premises.find(({ name }) => name === 'answers')?.cause).toContain('SQLSTATE 42P01')
})
