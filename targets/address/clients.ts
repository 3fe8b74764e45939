/** What each client of a Postgres needs of an address, so that all of them connect in the same way. */
/// <reference path="./pgpass.d.ts" />
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import pgpass, { type PasswordFor } from 'pgpass'
import type { HttpAddress } from './http.ts'
import { type ParameterName, parameterOf } from './parameters.ts'
import type { PostgresAddress, PostgresHost } from './postgres.ts'
import { trusted } from './trust.ts'

/** For pgx, in the environment of a k6: everything is a percent escape that is not plain. */
export function forPgx(address: PostgresAddress): string {
  const [first, ...others] = address.hosts as readonly [PostgresHost, ...PostgresHost[]]
  const isUsual = others.length === 0 && !first.isSocket && !first.host.includes('%')
  const inFront: ParameterName[] = [
    'user',
    'password',
    'dbname',
    ...(isUsual ? (['host', 'port'] as const) : []),
  ]
  const encoded = (name: ParameterName) => encodeURIComponent(address.get(name) ?? '')
  const password = address.get('password') === undefined ? '' : `:${encoded('password')}`
  const host = isIPv6(first.host) ? `[${first.host}]` : encodeURIComponent(first.host)
  const query = address
    .settings()
    .filter(([name]) => !inFront.includes(name) && !parameterOf(name).isLibpqOnly)
    .map(([name]) => `${name}=${encoded(name)}`)
    .join('&')
  return `postgres://${encoded('user')}${password}@${isUsual ? `${host}:${first.port}` : ''}/${encoded('dbname')}?${query}`
}

export interface ForLibpq {
  /** Nothing of an address belongs on a command line, where every user of the machine reads it. */
  env: Record<string, string>
  /** Lines of a service file, for the parameters that have no variable; absent where there are none. */
  service?: string
}

/** The name by which PGSERVICE finds the lines. */
export const serviceName = 'inference-gap'

/** For pgbench and psql, which take a database that looks like a connection string for one. */
export function forLibpq(address: PostgresAddress): ForLibpq {
  const env: Record<string, string> = {}
  const lines: string[] = []
  for (const [name, value] of address.settings()) {
    const { variable } = parameterOf(name)
    if (variable) env[variable] = value
    else lines.push(`${name}=${value}`)
  }
  const database = address.get('dbname') ?? ''
  if (/=|^postgres/.test(database))
    env.PGDATABASE = `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  return { env, ...(lines.length > 0 && { service: `[${serviceName}]\n${lines.join('\n')}\n` }) }
}

/** Of one connection to be tried, and its host. */
export interface Attempt {
  host: PostgresHost
  config: ClientConfig
}

/** As libpq and pgx do by themselves where no password is given: ~/.pgpass, or the file that PGPASSFILE names. */
const fromPasswordFile = (file: string | undefined) => (about: PasswordFor) =>
  new Promise<string>((resolve) => {
    const { PGPASSFILE } = process.env
    // It asks for the variable at once, and for nothing else.
    if (file) process.env.PGPASSFILE = file
    pgpass(about, (password) => resolve(password ?? ''))
    if (PGPASSFILE === undefined) delete process.env.PGPASSFILE
    else process.env.PGPASSFILE = PGPASSFILE
  })

/** For node-postgres, which knows one host and either TLS or none: what is to be tried, one after the other, as libpq does. */
export function forNodePostgres(address: PostgresAddress): Attempt[] {
  const { sslMode } = address
  const isTlsFirst = sslMode !== 'disable' && sslMode !== 'allow'
  const ways = sslMode === 'prefer' || sslMode === 'allow' ? [isTlsFirst, !isTlsFirst] : [isTlsFirst]
  const optional = {
    options: address.get('options'),
    sslnegotiation: address.get('sslnegotiation'),
  }
  return address.hosts.flatMap((host) =>
    (host.isSocket ? [false] : ways).map((isSecured) => ({
      host,
      config: {
        host: host.host,
        port: host.port,
        user: address.get('user'),
        password: address.get('password') ?? fromPasswordFile(address.get('passfile')),
        database: address.get('dbname'),
        application_name: address.get('application_name') ?? 'inference-gap',
        enableChannelBinding: address.get('channel_binding') !== 'disable',
        ssl: isSecured ? tlsOf(address) : false,
        ...(optional.options && { options: optional.options }),
        ...(isSecured && optional.sslnegotiation && { sslnegotiation: optional.sslnegotiation }),
      } as ClientConfig,
    })),
  )
}

/** What an sslmode means, and of what name the certificate must be. */
function tlsOf(address: PostgresAddress): ConnectionOptions {
  const { sslMode } = address
  const [ca, cert, key] = (['sslrootcert', 'sslcert', 'sslkey'] as const).map((name) => address.get(name))
  const isChecked = sslMode.startsWith('verify') || (sslMode === 'require' && ca !== undefined)
  return {
    rejectUnauthorized: isChecked,
    ...(isChecked && (ca === 'system' ? { secureContext: trusted() } : { ca: readFileSync(ca as string) })),
    ...(isChecked && sslMode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(cert && key && { cert: readFileSync(cert), key: readFileSync(key) }),
    ...(address.get('sslpassword') && { passphrase: address.get('sslpassword') }),
  }
}

/** For a k6 of any protocol, in its environment. */
export const forK6 = (address: PostgresAddress | HttpAddress): string =>
  address.protocol === 'sql' ? forPgx(address) : address.whole()
