/**
 * PgBouncer before the embedded Postgres, as the published benchmark had it at 20 and 100 clients: transaction mode, a pool
 * of 10. It is not packaged with us; where there is none on the path, that is said.
 */
import { chown, mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { Failure } from '../../build/failure.ts'
import { inCache } from '../../build/paths.ts'
import { patience } from '../../build/patience.ts'
import { probe } from '../../build/probe.ts'
import { boundToParent, type Server, startOnPort } from '../server.ts'
import { withClient } from './client.ts'
import { unprivileged } from './unprivileged.ts'

const poolSize = 10

/** The first version that follows prepared statements from one server connection to another. */
const follows = [1, 21] as const

/** As a report tells of it. */
export const inWords = ({ version, followsPreparedStatements }: PgBouncer) =>
  `PgBouncer ${version} in transaction mode with a pool of ${poolSize}, which ${
    followsPreparedStatements
      ? 'follows prepared statements'
      : 'does not follow prepared statements: it is asked in query mode extended'
  }`

export interface PgBouncer extends Server {
  url: string
  version: string
  /** Whether query mode prepared works through it. */
  followsPreparedStatements: boolean
}

/** Where Debian and others put it, which is not on an ordinary user's path. */
export const places = ['pgbouncer', '/usr/sbin/pgbouncer', '/usr/local/sbin/pgbouncer']

/** @throws {Failure} when there is none */
export function findPgBouncer(): { file: string; version: string; followsPreparedStatements: boolean } {
  for (const file of places) {
    const found = /PgBouncer (\d+)\.(\d+)\S*/.exec(probe(file, '--version') ?? '')
    if (!found) continue
    const [major, minor] = [Number(found[1]), Number(found[2])]
    return {
      file,
      version: found[0].replace('PgBouncer ', ''),
      followsPreparedStatements: major > follows[0] || (major === follows[0] && minor >= follows[1]),
    }
  }
  throw new Failure(
    `--pgbouncer: there is no pgbouncer at ${places.join(', ')}`,
    'Install it (Debian: apt install pgbouncer), or leave the flag out; --pool 10 shares ten connections without it',
  )
}

/** @param postgresUrl of the server behind it, with user and password */
export async function startPgBouncer(
  postgresUrl: string,
  options: { port?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<PgBouncer> {
  const { file, version, followsPreparedStatements } = findPgBouncer()
  const home = inCache('pgbouncer')
  await mkdir(home, { recursive: true })
  const { prefix, owner } = unprivileged(file)
  const behind = new URL(postgresUrl)
  const at = (name: string) => path.join(home, name)
  const quoted = (text: string) => `"${decodeURIComponent(text).replaceAll('"', '""')}"`
  const filesFor = (port: number) => ({
    'users.txt': `${quoted(behind.username)} ${quoted(behind.password)}\n`,
    'pgbouncer.ini': [
      '[databases]',
      `* = host=${behind.hostname} port=${behind.port}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${at('users.txt')}`,
      'pool_mode = transaction',
      `default_pool_size = ${poolSize}`,
      'max_client_conn = 1000',
      ...(followsPreparedStatements ? ['max_prepared_statements = 200'] : []),
      'ignore_startup_parameters = extra_float_digits',
      // A line for each connection would be most of what it does while 100 of them are opened.
      'log_connections = 0',
      'log_disconnections = 0',
      '',
    ].join('\n'),
  })
  if (owner) await chown(home, owner.uid, owner.gid)
  const url = (port: number) => Object.assign(new URL(postgresUrl), { port: String(port) }).href
  const server = await startOnPort(options.port, async (port) => {
    for (const [name, text] of Object.entries(filesFor(port))) {
      await writeFile(at(name), text, { mode: 0o600 })
      if (owner) await chown(at(name), owner.uid, owner.gid)
    }
    return {
      name: 'PgBouncer',
      command: [...prefix, ...boundToParent([file, at('pgbouncer.ini')], 'SIGINT')],
      log: at('server.log'),
      stopSignal: 'SIGINT', // in order; SIGTERM ends it at once
      signal: options.signal,
      ready: () =>
        withClient(url(port), (client) => client.query('SELECT 1').then(() => true), {
          limit: patience,
          signal: options.signal,
        }).catch(() => false),
    }
  })
  return { ...server, url: url(server.port), version, followsPreparedStatements }
}
