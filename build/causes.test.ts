import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from 'pg'
import { afterEach, expect, test } from 'vitest'
import { isConnectionLost, kindOf, nextStepFor, nextStepOf } from './causes.ts'
import { CouldNotMeasure, messageOf } from './failure.ts'

const open: net.Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function listening<Kind extends net.Server>(server: Kind): Promise<number> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** What is thrown. */
const thrown = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('nothing was thrown'),
    (error: unknown) => error,
  )

/** A certificate that nobody has signed, for this host until a day. */
function certificate(...args: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), 'causes '))
  try {
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=gap.test', '-keyout', key],
        ...['-out', cert, ...args],
      ],
      { stdio: 'ignore' },
    )
    return { key: readFileSync(key), cert: readFileSync(cert) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return error
  }
}

/** What node-postgres throws where a server refuses. https://www.postgresql.org/docs/current/protocol-message-formats.html */
async function refused(code: string): Promise<unknown> {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Msorry\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(fields.length + 4, 1)
  const port = await listening(
    net.createServer((socket) => socket.once('data', () => socket.end(Buffer.concat([head, fields])))),
  )
  return thrown(new Client({ host: '127.0.0.1', port, ssl: false }).connect())
}

test('what Node throws has the kind that k6 gives it', async () => {
  const closed = net.createServer()
  const nowhere = await listening(closed)
  closed.close()
  const silent = await listening(net.createServer((socket) => socket.on('error', () => {})))
  const deaf = await listening(net.createServer((socket) => void socket.on('error', () => {}).end()))
  const text = await listening(net.createServer((socket) => void socket.end('hello\r\n\r\n')))
  const page = await listening(http.createServer((_, answer) => void answer.end('<html>')))
  const secured = await listening(https.createServer(certificate('-days', '2')))
  const at = (port: number, scheme = 'http') => `${scheme}://127.0.0.1:${port}/`
  for (const [kind, error] of [
    ['ECONNREFUSED', await thrown(fetch(at(nowhere)))],
    ['ECONNREFUSED', await thrown(new Client({ host: 'localhost', port: nowhere }).connect())],
    ['connection closed', await thrown(fetch(at(deaf)))],
    ['malformed HTTP', await thrown(fetch(at(text)))],
    ['not JSON', await thrown(fetch(at(page)).then((answer) => answer.json()))],
    ['time-out', await thrown(fetch(at(silent), { signal: AbortSignal.timeout(10) }))],
    ['TLS unknown authority', await thrown(fetch(at(secured, 'https')))],
    ['TLS not spoken', await thrown(fetch(at(page, 'https')))],
    ['ENOENT', await thrown(new Client({ host: '/no/such/folder' }).connect())],
    ['SQLSTATE 53300', await refused('53300')],
    ['SQLSTATE 0A000', await refused('0A000')],
    // RAISE takes any five letters and digits; these are names of the system's errors, too.
    ['SQLSTATE EPIPE', await refused('EPIPE')],
    ['SQLSTATE E2BIG', await refused('E2BIG')],
    ['other', await refused('no')],
    ['E2BIG', thrownBy(() => execFileSync('true', ['x'.repeat(16_000_000)]))],
    ['EPIPE', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })],
    ['EHOSTDOWN', Object.assign(new Error('connect EHOSTDOWN'), { code: 'EHOSTDOWN' })],
    ['other', Object.assign(new Error('of a library'), { code: 'AB123' })],
    ['other', Object.assign(new Error('of a library'), { code: 'EVERY' })],
    ['HTTP 302', Object.assign(new Error('moved'), { kind: 'HTTP 302' })],
    ['EMFILE', new CouldNotMeasure('x', 'y', { cause: Object.assign(new Error('z'), { code: 'EMFILE' }) })],
    ['other', new Error('HTTP 500')],
    ['other', 'a text'],
    ['other', undefined],
  ] as const)
    expect(kindOf(error), `${kind}: ${String(error)}`).toBe(kind)
})

test('several attempts that failed say what each met', async () => {
  const closed = net.createServer()
  const port = await listening(closed)
  closed.close()
  // Node tries each address of a name, and says nothing itself when all have failed.
  const failed = Object.assign(
    new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]),
    {
      code: 'ECONNREFUSED',
    },
  )
  expect(messageOf(failed)).toBe('::1 refused; 127.0.0.1 refused')
  expect(messageOf(await thrown(new Client({ host: '127.0.0.1', port }).connect()))).toContain('ECONNREFUSED')
})

test.each([
  ['SQLSTATE 53300', 'max_connections'],
  ['SQLSTATE 28P01', 'pg_hba.conf'],
  ['SQLSTATE XX000', 'psql'],
  ['HTTP 302', 'No redirection'],
  ['HTTP 502', 'before the service'],
  ['HTTP 599', 'log'],
  ['EMFILE', 'ulimit -n'],
  ['TLS unknown authority', '--ca'],
  ['TLS alert', 'openssl'],
])('%s has a next step', (kind, expected) => {
  expect(nextStepOf(kind)).toContain(expected)
})

test('what is not known has none, and a caller may say something else', () => {
  expect(nextStepOf('other')).toBeUndefined()
  expect(nextStepFor(new Error('odd'), 'look')).toBe('look')
  expect(nextStepFor(Object.assign(new Error(''), { code: 'EMFILE' }), 'look')).toContain('ulimit')
})

test('every kind of the Go half is known here', () => {
  const source = readFileSync(new URL('../extension-sql/failure/failure.go', import.meta.url), 'utf8')
  const kinds = [...source.matchAll(/^\t[A-Z]\w+ += "(.+?)"/gm)].map(([, kind]) => kind as string)
  expect(kinds.length).toBeGreaterThan(10)
  const without = kinds.filter((kind) => nextStepOf(kind) === undefined)
  // Nothing is known of these, or nothing is to be done.
  expect(without).toEqual(['test ended', 'other'])
})

test.each<[object, boolean]>([
  [{ code: 'ECONNREFUSED' }, true],
  [{ code: 'ECONNRESET' }, true],
  [{ code: 'UND_ERR_SOCKET' }, true],
  // https://www.postgresql.org/docs/current/errcodes-appendix.html
  [{ severity: 'FATAL', code: '57P01' }, true],
  [{ severity: 'FATAL', code: '08006' }, true],
  [{ message: 'Connection terminated unexpectedly' }, true],
  // These say something of the question, or of us.
  [{ severity: 'ERROR', code: '57014' }, false],
  [{ severity: 'ERROR', code: '08P01' }, false],
  [{ severity: 'ERROR', code: '42P01' }, false],
  [{ code: 'ENOENT' }, false],
  [{ message: 'x is not a function' }, false],
])('%j: the connection was lost: %s', (error, expected) => {
  expect(isConnectionLost(Object.assign(new Error('it failed'), error))).toBe(expected)
})
