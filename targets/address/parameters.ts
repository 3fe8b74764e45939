/** libpq's connection parameters: which of them every client can keep to, and which may be shown. */

export interface Parameter {
  /** libpq's environment variable; absent where there is none. */
  variable?: string
  /** Who may connect, not how: taken from the variable, too, where the address says nothing. */
  isCredential?: true
  /** Its value cannot be a secret. */
  isShown?: true
  /** Only libpq knows it, and it changes nothing in what is measured. */
  isLibpqOnly?: true
  /** What it may be; absent: anything. */
  fits?: RegExp
  expected?: string
}

const oneOf = (...values: string[]): Pick<Parameter, 'fits' | 'expected'> => ({
  fits: new RegExp(`^(?:${values.join('|')})$`),
  expected: values.join(', '),
})

const wholeNumber = { fits: /^\d+$/, expected: 'a whole number' }

/** A file with parameters that have no variable holds them line by line. */
const oneLine = { fits: /^\S(?:.*\S)?$/, expected: 'text without line breaks and without spaces at its ends' }

export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const
export type SslMode = (typeof sslModes)[number]

export const parameters = {
  host: { variable: 'PGHOST', isShown: true },
  port: { variable: 'PGPORT', isShown: true },
  dbname: { variable: 'PGDATABASE', isShown: true },
  user: { variable: 'PGUSER', isShown: true },
  password: { variable: 'PGPASSWORD', isCredential: true },
  passfile: { variable: 'PGPASSFILE', isCredential: true, isShown: true },
  sslmode: { variable: 'PGSSLMODE', isShown: true, ...oneOf(...sslModes) },
  sslrootcert: { variable: 'PGSSLROOTCERT', isShown: true },
  sslcert: { variable: 'PGSSLCERT', isShown: true },
  sslkey: { variable: 'PGSSLKEY', isShown: true },
  sslpassword: oneLine,
  sslnegotiation: { variable: 'PGSSLNEGOTIATION', isShown: true, ...oneOf('postgres', 'direct') },
  sslsni: { variable: 'PGSSLSNI', isShown: true, ...oneOf('1') },
  channel_binding: {
    variable: 'PGCHANNELBINDING',
    isShown: true,
    ...oneOf('disable', 'prefer', 'require'),
  },
  require_auth: {
    variable: 'PGREQUIREAUTH',
    isShown: true,
    fits: /^[\w,!-]+$/,
    expected: 'names of methods',
  },
  options: { variable: 'PGOPTIONS' },
  application_name: { variable: 'PGAPPNAME' },
  connect_timeout: { variable: 'PGCONNECT_TIMEOUT', isShown: true, ...wholeNumber },
  target_session_attrs: {
    variable: 'PGTARGETSESSIONATTRS',
    isShown: true,
    ...oneOf('any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'),
  },
  client_encoding: { isLibpqOnly: true, isShown: true, ...oneOf('auto', 'UTF8', 'utf8', 'utf-8', 'UTF-8') },
  gssencmode: { isLibpqOnly: true, isShown: true, ...oneOf('disable', 'prefer') },
  fallback_application_name: { isLibpqOnly: true, ...oneLine },
  keepalives: { isLibpqOnly: true, isShown: true, ...wholeNumber },
  keepalives_idle: { isLibpqOnly: true, isShown: true, ...wholeNumber },
  keepalives_interval: { isLibpqOnly: true, isShown: true, ...wholeNumber },
  keepalives_count: { isLibpqOnly: true, isShown: true, ...wholeNumber },
  tcp_user_timeout: { isLibpqOnly: true, isShown: true, ...wholeNumber },
} as const satisfies Record<string, Parameter>

export type ParameterName = keyof typeof parameters

export const parameterOf = (name: ParameterName): Parameter => parameters[name]

export const isParameter = (name: string): name is ParameterName => Object.hasOwn(parameters, name)

export const parameterNames = Object.keys(parameters) as ParameterName[]
