/** Forms of addresses: what is read, what is shown, and what is refused without showing it. */
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { BadInput } from '../../build/failure.ts'
import { forLibpq, forPgx } from './clients.ts'
import { httpAddress } from './http.ts'
import { postgresAddress } from './postgres.ts'

const canary = 'c4nary'

/** Everything in which an object may come out. */
const shownForms = (address: object) => [
  String(address),
  JSON.stringify({ address }),
  inspect({ address }, { depth: 9, showHidden: true }),
]

const reserved = ':/?#[]@!$&\'()*+,;=%"<>\\^`{|}~ ä'

test.each([
  ['a name', 'postgres://u:p@h.example/db', { host: 'h.example', port: '5432', dbname: 'db', password: 'p' }],
  ['a port', 'postgresql://u@h:6000/db', { host: 'h', port: '6000' }],
  ['IPv6', 'postgres://u@[::1]:6000/db', { host: '::1', port: '6000' }],
  ['IPv6 without a port', 'postgres://u@[2001:db8::7]/db', { host: '2001:db8::7', port: '5432' }],
  ['a socket after the question mark', 'postgres://u@/db?host=/tmp', { host: '/tmp', dbname: 'db' }],
  ['a socket as host', 'postgres://u@%2Fvar%2Frun/db', { host: '/var/run' }],
  ['no database', 'postgres://u@h', { dbname: 'u' }],
  ['several hosts', 'postgres://u@a:1,b:2/db', { host: 'a,b', port: '1,2' }],
  ['several hosts, one port', 'postgres://u@/db?host=a,b&port=7', { host: 'a,b', port: '7,7' }],
  ['an @ in the password', 'postgres://u:p@ss@h/db', { password: 'p@ss', host: 'h' }],
  ['a colon in the password', 'postgres://u:p:s@h/db', { password: 'p:s' }],
  ['what libpq takes in a password', 'postgres://u:p?#[s]@h/db', { password: 'p?#[s]', host: 'h' }],
  ['a password as parameter', 'postgres://u@h/db?password=a%26b+c', { password: 'a&b+c' }],
  ['the last one counts', 'postgres://u:p@h/db?user=v&password=q', { user: 'v', password: 'q' }],
  ["JDBC's way of TLS", 'postgres://u@h/db?ssl=true', { sslmode: 'require' }],
  ['libpq prefers TLS', 'postgres://u@h/db', { sslmode: 'prefer' }],
  [
    'the system’s certificates are checked',
    'postgres://u@h/db?sslrootcert=system',
    { sslmode: 'verify-full' },
  ],
  [
    'settings of the session',
    'postgres://u@h/db?options=-c%20search_path%3Da%2Cb',
    { options: '-c search_path=a,b' },
  ],
  ['every reserved character', `postgres://u:${encodeURIComponent(reserved)}@h/db`, { password: reserved }],
])('postgres: %s', (_what, text, expected) => {
  const address = postgresAddress(text)
  expect(Object.fromEntries(address.settings())).toMatchObject(expected)
  // What k6 and pgbench are given says the same, and is as plain as every parser can read it.
  const again = postgresAddress(forPgx(address))
  expect(Object.fromEntries(again.settings())).toEqual(Object.fromEntries(address.settings()))
  expect(forLibpq(address).env).toMatchObject({
    PGHOST: address.get('host'),
    PGPORT: address.get('port'),
    PGUSER: address.get('user'),
    PGSSLMODE: address.get('sslmode'),
  })
})

test('of variables only a password counts, and only where the user means it', () => {
  const environment = {
    PGPASSWORD: 'from outside',
    PGSSLMODE: 'require',
    PGPORT: '7',
    PGOPTIONS: '-c jit=off',
  }
  const address = postgresAddress('postgres://u@h/db', { environment: { ...environment, HOME: '/nowhere' } })
  expect(Object.fromEntries(address.settings())).toEqual({
    host: 'h',
    port: '5432',
    dbname: 'db',
    user: 'u',
    password: 'from outside',
    sslmode: 'prefer',
  })
  expect(postgresAddress('postgres://u:own@h:1/db', { environment }).get('password')).toBe('own')
  expect(postgresAddress('postgres://u@h/db').get('password')).toBeUndefined()
})

test.each([
  [`postgres://u:${canary}@h/db`, 'postgres://u:***@h:5432/db?sslmode=prefer'],
  [`postgres://u:1@x#${canary}@h/db`, 'postgres://u:***@h:5432/db?sslmode=prefer'],
  [`postgres://u:1?a=${canary}@h/db`, 'postgres://u:***@h:5432/db?sslmode=prefer'],
  [`postgres://u:a@${canary}@h/db`, 'postgres://u:***@h:5432/db?sslmode=prefer'],
  [`postgres://u@h/db?password=${canary}`, 'postgres://u:***@h:5432/db?sslmode=prefer'],
  [
    `postgres://u@[::1]/db?sslpassword=${canary}&sslmode=require`,
    'postgres://u@[::1]:5432/db?sslmode=require&sslpassword=***',
  ],
  [
    `postgres://u@/db?host=/tmp&options=-c%20app.token%3D${canary}`,
    'postgres://u@/db?host=/tmp&port=5432&sslmode=prefer&options=***',
  ],
])('postgres shown: %s', (text, shown) => {
  const address = postgresAddress(text)
  expect(String(address)).toBe(shown)
  for (const form of shownForms(address)) expect(form).not.toContain(canary)
})

test.each([
  [`http://u:${canary}@h/`, 'http://***@h/'],
  [`http://${canary}@h:8000/`, 'http://***@h:8000/'],
  [`https://u:p@${canary}@[::1]:8443/`, 'https://***@[::1]:8443/'],
  [`https://h/${canary}`, 'https://h/…'],
  [`https://h/?token=${canary}`, 'https://h/…'],
])('http shown: %s', (text, shown) => {
  const address = httpAddress(text)
  expect(String(address)).toBe(shown)
  for (const form of shownForms(address)) expect(form).not.toContain(canary)
})

test.each([
  ['http://h', '/', undefined],
  ['http://h:80/p?q=1', '/p?q=1', undefined],
  ['http://u:p@h/', '/', 'u:p'],
  ['http://u@h/', '/', 'u:'],
  [`http://a%40b:${encodeURIComponent(reserved)}@h/`, '/', `a@b:${reserved}`],
  ['http://u:p@ss@h/', '/', 'u:p@ss'],
])('http: %s', (text, target, credentials) => {
  const address = httpAddress(text)
  expect(address.target).toBe(target)
  expect(address.authorization).toBe(credentials && `Basic ${Buffer.from(credentials).toString('base64')}`)
  const again = httpAddress(address.whole())
  expect([again.whole(), again.authorization]).toEqual([address.whole(), address.authorization])
})

test('several hosts of a service stand in one address, and each by itself', () => {
  const address = httpAddress('http://u:p@a:8000,b,[::1]:9/path?x=1')
  expect(address.whole()).toBe('http://u:p@a:8000,b,[::1]:9/path?x=1')
  expect(String(address)).toBe('http://***@a:8000,b,[::1]:9/…')
  expect(address.each().map((each) => each.whole())).toEqual([
    'http://u:p@a:8000/path?x=1',
    'http://u:p@b/path?x=1',
    'http://u:p@[::1]:9/path?x=1',
  ])
  expect(httpAddress('http://a/').each().map(String)).toEqual(['http://a/'])
  for (const text of ['http://a,/', 'http://a,b:0/', 'http://a,b:x/'])
    expect(() => httpAddress(text)).toThrow('expected http://host:port/path')
})

test('several hosts of a database each by itself, but where it chooses between them', () => {
  const each = postgresAddress('postgres://u:p@a:1,b:2/db?sslmode=disable').each()
  expect(each.map(({ hosts }) => hosts.map(({ host, port }) => [host, port]))).toEqual([
    [['a', 1]],
    [['b', 2]],
  ])
  expect(
    postgresAddress('postgres://u@a,b/db?sslmode=disable&target_session_attrs=read-write').each(),
  ).toHaveLength(1)
})

test('credentials go to no other service', () => {
  const address = httpAddress('http://u:p@h/a')
  expect(address.at('healthz').authorization).toBe(address.authorization)
  expect(address.at('healthz').target).toBe('/healthz')
  expect(address.at('http://elsewhere/').authorization).toBeUndefined()
})

test.each([
  `mysql://u:${canary}@h/db`,
  `host=h password=${canary}`,
  canary,
  `postgres://u:${canary}/x@h/db`,
  `postgres://u:1/${canary}@h/db`,
  `postgres://u:1@x?${canary}@h/db`,
  `postgres://u:1@x?a=${canary}@h/db`,
  `postgres://u:1@h/${canary}#x`,
  `postgres://u:${canary}%zz@h/db`,
  `postgres://u:${canary}%00@h/db`,
  `postgres://u:p@h:${canary}/db`,
  `postgres://u:p@h:70000/${canary}`,
  `postgres://u:${canary}@::1/db`,
  `postgres://u:${canary}@[nothing]/db`,
  `postgres://u:${canary}@h:1,g:2,f/db?port=1,2`,
  `postgres://u@h/db?hostaddr=${canary}`,
  `postgres://u@h/db?passwort=${canary}`,
  `postgres://u@h/db?sslmode=on&password=${canary}`,
  `postgres://u@h/db?connect_timeout=${canary}@`,
  `postgres://u:${canary}\n@h/db`,
  `postgres://u:${canary}@h/db?sslmode=verify-full`,
  `postgres://u:${canary}@h/db?sslmode=require&sslrootcert=/nowhere`,
  `postgres://h?password=${canary}&application_name=@x`,
])('postgres refused: %s', (text) => {
  const refused = () => postgresAddress(text, { name: '--database' })
  expect(refused).toThrow(BadInput)
  expect(refused).toThrow(/^--database\b.*expected/s)
  try {
    refused()
  } catch (error) {
    expect((error as BadInput).text + inspect(error)).not.toContain(canary)
  }
})

test.each([
  `ftp://u:${canary}@h/`,
  canary,
  `http://u:1/${canary}@h/`,
  `http://u:1?${canary}@h/`,
  `http://u:1#${canary}@h/`,
  `http://u:${canary}%zz@h/`,
  `http://u:${canary}@`,
  `http://u:${canary}@h:port/`,
  `http://u:${canary}@h:0/`,
  `http://u:${canary}@::1/`,
])('http refused: %s', (text) => {
  const refused = () => httpAddress(text, { name: '--service' })
  expect(refused).toThrow(BadInput)
  expect(refused).toThrow(/^--service\b.*expected/s)
  try {
    refused()
  } catch (error) {
    expect((error as BadInput).text + inspect(error)).not.toContain(canary)
  }
})
