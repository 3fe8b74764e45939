/**
 * The address of a Postgres: a URL in every form that libpq takes, read once and made whole with libpq's own defaults, so that
 * clients that have others (node-postgres has no socket folder and no `prefer`) ask the same server in the same way.
 *
 * It differs from libpq in one thing: of several @ the last ends the password, as in every other URL.
 */
import { existsSync, readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { inspect } from 'node:util'
import {
  isParameter,
  type ParameterName,
  parameterNames,
  parameterOf,
  type SslMode,
  sslModes,
} from './parameters.ts'
import { decoded, refusal, type Source, split } from './split.ts'
import { certificateFile } from './trust.ts'

export const postgresSchemes = ['postgres', 'postgresql'] as const

const expected =
  'postgres://user:password@host:port/database?sslmode=require, or another URL that libpq takes'

export interface PostgresHost {
  /** A name, an IP address without brackets, or the folder of a socket. */
  host: string
  port: number
  isSocket: boolean
}

export interface PostgresContext {
  /** The flag or variable that it comes from. */
  name?: string
  /**
   * The user's variables. Of libpq's only those count that hold a password or say where one is: how to connect is the
   * address's alone to say. Absent: neither they nor the user's own files are looked at.
   */
  environment?: Readonly<Record<string, string | undefined>>
  /** A file with certificates of the user's own, where the address names none. */
  ca?: string | undefined
}

type Settings = Map<ParameterName, string>

/** Shown (as text, JSON, by inspect) it has no secret; what clients need is made of it in clients.ts. */
export class PostgresAddress {
  readonly protocol = 'sql'
  readonly #settings: Settings
  readonly hosts: readonly PostgresHost[]

  constructor(settings: Settings, hosts: readonly PostgresHost[]) {
    this.#settings = settings
    this.hosts = hosts
  }

  get(name: ParameterName): string | undefined {
    return this.#settings.get(name)
  }

  /** All that is set, under libpq's names and in their order. */
  settings(): [ParameterName, string][] {
    return parameterNames.flatMap((name) => {
      const value = this.#settings.get(name)
      return value === undefined ? [] : [[name, value]]
    })
  }

  get sslMode(): SslMode {
    return this.get('sslmode') as SslMode
  }

  /** Each host by itself; the address as it is where the database chooses between them. */
  each(): PostgresAddress[] {
    if (this.get('target_session_attrs') !== undefined) return [this]
    return this.hosts.map(({ host, port }) => this.with({ host, port: String(port) }))
  }

  /** The same server and user, with something changed. */
  with(changes: Partial<Record<ParameterName, string>>): PostgresAddress {
    const settings: Settings = new Map(this.#settings)
    for (const [name, value] of Object.entries(changes)) settings.set(name as ParameterName, value as string)
    return new PostgresAddress(settings, hostsOf(settings, { name: 'address', expected }, ''))
  }

  /** As it may be shown everywhere. */
  toString(): string {
    const [first] = this.hosts
    const isPlain = this.hosts.every(({ isSocket }) => !isSocket)
    const user = encodeURIComponent(this.get('user') ?? '')
    const at = isPlain
      ? this.hosts.map(({ host, port }) => `${isIPv6(host) ? `[${host}]` : host}:${port}`).join()
      : ''
    const shown = this.settings()
      .filter(
        ([name]) => !['user', 'password', 'dbname', ...(isPlain ? ['host', 'port'] : [])].includes(name),
      )
      .map(([name, value]) => {
        const parameter = parameterOf(name)
        return `${name}=${parameter.isShown ? encodeURI(value) : '***'}`
      })
    const database = encodeURIComponent(this.get('dbname') ?? '')
    const password = this.get('password') === undefined ? '' : ':***'
    return first
      ? `postgres://${user}${password}@${at}/${database}${shown.length > 0 ? `?${shown.join('&')}` : ''}`
      : 'postgres://…'
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** What stands in the URL itself. */
function written(text: string, source: Source): Settings {
  const refuse = (why: string, next?: string) => refusal(text, source, why, next)
  const { user, password, hosts, path: database, query } = split(text, postgresSchemes, source, true)
  const settings: Settings = new Map()
  const found = hosts.split(',').map((one) => hostAndPort(one, refuse))
  if (found.some(({ host, port }) => host !== '' || port !== '')) {
    settings.set('host', found.map(({ host }) => host).join())
    if (found.some(({ port }) => port !== '')) settings.set('port', found.map(({ port }) => port).join())
  }
  const name = decoded(database.slice(1))
  if (name === undefined) throw refuse('has a percent escape in the name of its database that cannot be read')
  const parts = { user, password, dbname: name }
  for (const [key, value] of Object.entries(parts)) if (value) settings.set(key as ParameterName, value)
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=')
    // With an @ in it, it may be a password that was cut at its question mark.
    const isShown = !query?.includes('@')
    const said = (key: string) => (isShown ? ` '${key}'` : '')
    if (equals < 0) throw refuse('has a parameter without a value after its question mark')
    const [key, value] = [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))]
    if (key === undefined || value === undefined)
      throw refuse('has a percent escape after its question mark that cannot be read')
    if (key === 'ssl' && value === 'true') settings.set('sslmode', 'require')
    else if (isParameter(key)) {
      check(key, value, `${key} in it`, refuse)
      if (value === '') settings.delete(key)
      else settings.set(key, value)
    } else
      throw refuse(
        `has a parameter${said(key)} that not every client of a Postgres can keep to`,
        `Use these: ${parameterNames.join(', ')}; settings of the server go into options=-c%20name%3Dvalue`,
      )
  }
  return settings
}

type Refuse = (why: string, next?: string) => Error

function hostAndPort(text: string, refuse: Refuse): { host: string; port: string } {
  const inBrackets = /^\[([^[\]]*)\](?::(.*))?$/.exec(text)
  const [rawHost = '', port = ''] = inBrackets ? inBrackets.slice(1) : text.split(/:(.*)/s)
  const host = decoded(rawHost)
  const address = host?.replace(/%.*/, '') ?? ''
  if (inBrackets && !isIPv6(address)) throw refuse('has brackets around what is no IPv6 address')
  if (!inBrackets && isIPv6(text)) throw refuse('has an IPv6 address without brackets', 'Write it as [::1]')
  if (host === undefined || (!host.startsWith('/') && /[\s@?#[\]\\]/.test(host)))
    throw refuse('has a host that cannot be read')
  if (port !== '' && !isPort(port)) throw refuse('has a port that is not a number from 1 to 65535')
  return { host, port }
}

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) > 0 && Number(text) < 65536

function check(name: ParameterName, value: string, where: string, refuse: Refuse): void {
  const { fits, expected: wanted, isShown } = parameterOf(name)
  if (fits && value !== '' && !fits.test(value))
    throw refuse(
      `does not fit: ${where} is ${isShown && value.length < 40 && !value.includes('@') ? `'${value}'` : 'not'} ${isShown ? `instead of one of ${wanted}` : wanted}`,
    )
}

const defaultSocketFolders = ['/var/run/postgresql', '/private/tmp', '/tmp']

/** As libpq and pgx: a socket where one is, else this machine. */
const defaultHost = (port: string) =>
  defaultSocketFolders.find((folder) => existsSync(path.join(folder, `.s.PGSQL.${port}`))) ?? 'localhost'

function hostsOf(settings: Settings, source: Source, text: string): PostgresHost[] {
  const hosts = (settings.get('host') ?? '').split(',')
  const ports = (settings.get('port') ?? '').split(',')
  if (ports.length > 1 && ports.length !== hosts.length)
    throw refusal(text, source, `has ${ports.length} ports for ${hosts.length} hosts`)
  return hosts.map((given, index) => {
    const port = (ports.length > 1 ? ports[index] : ports[0]) || '5432'
    if (!isPort(port)) throw refusal(text, source, 'has a port that is not a number from 1 to 65535')
    const host = given || defaultHost(port)
    return { host, port: Number(port), isSocket: host.startsWith('/') }
  })
}

/** What libpq takes from elsewhere, where the address says nothing. */
function complete(settings: Settings, { environment, ca }: PostgresContext): void {
  for (const name of parameterNames) {
    const { variable, isCredential } = parameterOf(name)
    const value = isCredential && variable && environment?.[variable]
    if (value && !settings.has(name)) settings.set(name, value)
  }
  if (!settings.has('sslrootcert') && ca !== undefined) settings.set('sslrootcert', path.resolve(ca))
  const own = (file: string) => path.join(environment?.HOME ?? os.homedir(), '.postgresql', file)
  for (const [name, file] of [
    ['sslrootcert', 'root.crt'],
    ['sslcert', 'postgresql.crt'],
    ['sslkey', 'postgresql.key'],
  ] as const)
    if (environment && !settings.has(name) && existsSync(own(file))) settings.set(name, own(file))
  if (settings.get('sslrootcert') === 'system') settings.set('sslmode', 'verify-full')
  if (!settings.has('sslmode')) settings.set('sslmode', 'prefer')
  if (!settings.has('user')) settings.set('user', os.userInfo().username)
  if (!settings.has('dbname')) settings.set('dbname', settings.get('user') as string)
}

/** Files of a connection that is to be secured; of one that is not to be checked no certificate is wanted. */
function checkFiles(settings: Settings, source: Source, text: string): void {
  const mode = settings.get('sslmode') as SslMode
  if (sslModes.indexOf(mode) < sslModes.indexOf('require')) settings.delete('sslrootcert')
  if (mode === 'disable') return
  const authority = settings.get('sslrootcert')
  if (authority && authority !== 'system') certificateFile(authority, `${source.name}: sslrootcert`)
  if (mode.startsWith('verify') && !authority)
    throw refusal(
      text,
      source,
      `asks for sslmode=${mode} and names no certificates to check with`,
      'Give --ca FILE (a variable of a plain k6 run: CA_FILE), or sslrootcert=FILE in the address; sslrootcert=system takes those of the system',
    )
  const [certificate, key] = [settings.get('sslcert'), settings.get('sslkey')]
  if ((certificate === undefined) !== (key === undefined))
    throw refusal(text, source, 'has one of sslcert and sslkey', 'Give both or neither')
  for (const [name, file] of [
    ['sslcert', certificate],
    ['sslkey', key],
  ] as const)
    try {
      if (file) readFileSync(file)
    } catch (error) {
      throw refusal(text, source, `names a file as ${name} that cannot be read (${(error as Error).message})`)
    }
}

/** @throws {BadInput} that names where it comes from and shows nothing secret */
export function postgresAddress(text: string, context: PostgresContext = {}): PostgresAddress {
  const source = { name: context.name ?? 'The address of a Postgres', expected }
  const settings = written(text, source)
  complete(settings, context)
  const hosts = hostsOf(settings, source, text)
  settings.set('host', hosts.map(({ host }) => host).join())
  settings.set('port', hosts.map(({ port }) => port).join())
  checkFiles(settings, source, text)
  return new PostgresAddress(settings, hosts)
}
