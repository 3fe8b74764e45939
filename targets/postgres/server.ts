/** The embedded Postgres: one data folder under .cache/, started on a free loopback port, gone when we are. */
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../../build/command.ts'
import { sha256, sha256File } from '../../build/fingerprint.ts'
import { inCache, root } from '../../build/paths.ts'
import { patience } from '../../build/patience.ts'
import { postgresInstallation } from '../../build/python.ts'
import { secret } from '../secret.ts'
import { boundToParent, type Server, startOnPort } from '../server.ts'
import { withClient } from './client.ts'
import { unprivileged } from './unprivileged.ts'

const settings = path.join(root, 'targets', 'postgres', 'postgresql.conf')
const user = 'inference_gap'

export interface PostgresServer extends Server {
  url: string
}

export interface PostgresOptions {
  /** Holds data folder, log and password. Default `.cache/postgres`. */
  home?: string
  port?: number | undefined
  /** More settings, as `name=value`. */
  settings?: string[]
  /** The address of a primary: this is a replica then, which begins as its copy and follows it by streaming. */
  standbyOf?: string
  signal?: AbortSignal | undefined
}

/** Starts the server; makes its data folder first if there is none, or one of another Postgres. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const home = options.home ?? inCache('postgres')
  const installation = await postgresInstallation()
  const program = (name: string) => path.join(installation, 'bin', name)
  const { prefix, owner } = unprivileged(program('postgres'))
  const data = path.join(home, 'data')
  // A replica knows the users of its primary.
  const password = options.standbyOf
    ? decodeURIComponent(new URL(options.standbyOf).password)
    : await secret(path.join(home, 'password'))
  await mkdir(home, { recursive: true })
  if (owner) await chown(home, owner.uid, owner.gid)

  const made = path.join(home, 'made-by')
  const maker = sha256(`${await sha256File(program('postgres'))} ${password}`)
  const current = existsSync(made) && (await readFile(made, 'utf8')) === maker
  if (options.standbyOf) {
    await rm(data, { recursive: true, force: true })
    const primary = new URL(options.standbyOf)
    const [file = '', ...args] = [
      ...prefix,
      program('pg_basebackup'),
      ...['--host', primary.hostname, '--port', primary.port, '--username', user],
      ...['--pgdata', data, '--write-recovery-conf', '--checkpoint=fast', '--no-sync'],
    ]
    await run(file, args, { env: { PGPASSWORD: password }, signal: options.signal })
  } else if (!current) {
    await rm(data, { recursive: true, force: true })
    await mkdir(home, { recursive: true })
    const passwordFile = path.join(home, 'password')
    if (owner) await chown(passwordFile, owner.uid, owner.gid)
    const [file = '', ...args] = [
      ...prefix,
      program('initdb'),
      `--pgdata=${data}`,
      `--username=${user}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]
    await run(file, args, { signal: options.signal })
    await writeFile(made, maker)
  }

  // It has no TLS; said here, no variable or habit of a client's asks it for some.
  const url = (port: number, database: string) =>
    `postgres://${user}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`
  const server = await startOnPort(options.port, (port) => ({
    name: 'Postgres',
    command: [
      ...prefix,
      ...boundToParent(
        [
          program('postgres'),
          '-D',
          data,
          '-c',
          `config_file=${settings}`,
          '-c',
          `hba_file=${path.join(data, 'pg_hba.conf')}`,
          '-c',
          `ident_file=${path.join(data, 'pg_ident.conf')}`,
          '-c',
          `port=${port}`,
          ...(options.settings ?? []).flatMap((setting) => ['-c', setting]),
        ],
        'SIGINT',
      ),
    ],
    log: path.join(home, 'server.log'),
    stopSignal: 'SIGINT', // "fast": open connections are ended, data is checkpointed
    signal: options.signal,
    ready: () =>
      withClient(
        url(port, 'postgres'),
        async (client) => {
          const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [user])
          if (rows.length === 0) await client.query(`CREATE DATABASE ${user}`)
          return true
        },
        { limit: patience, signal: options.signal },
      ).catch(() => false),
  }))
  return { ...server, url: url(server.port, user) }
}
