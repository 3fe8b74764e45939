import { expect, test } from 'vitest'
import { httpAddress } from './address/http.ts'
import { postgresAddress } from './address/postgres.ts'
import { placeOf, through } from './distance.ts'

test.each([
  ['http://service:8000/path', 'service:8000'],
  ['http://service/', 'service:80'],
  ['http://[::1]:9/', '[::1]:9'],
  ['postgres://me@db:5433/shop?sslmode=disable', 'db:5433'],
  ['postgres://me@[::1]/shop?sslmode=disable', '[::1]:5432'],
])('%s is reached at %s', (text, place) => {
  const address = text.startsWith('http') ? httpAddress(text) : postgresAddress(text)
  expect(placeOf(address, 'side')).toBe(place)
})

test.each([
  ['https://service/', 'is asked by TLS'],
  ['http://one,two/', 'has several hosts'],
  ['postgres://me@db/shop?sslmode=require', 'is asked by TLS'],
  ['postgres://me@a,b/shop?sslmode=disable', 'has several hosts'],
  ['postgres://me@/shop?host=/run/postgresql&sslmode=disable', 'is asked by a socket'],
])('%s can have no distance', (text, why) => {
  const address = text.startsWith('http') ? httpAddress(text) : postgresAddress(text)
  expect(() => placeOf(address, 'side')).toThrow(`side ${why}`)
})

test('by another way all but the place stays', () => {
  const service = through(httpAddress('http://me:secret@service:8000/path?x=1'), '127.0.0.1:5')
  expect(service.protocol === 'http' && service.whole()).toBe('http://me:secret@127.0.0.1:5/path?x=1')
  const database = through(postgresAddress('postgres://me:pw@db:1/shop?sslmode=disable'), '127.0.0.1:5')
  expect(database.protocol === 'sql' && database.settings()).toEqual(
    expect.arrayContaining([
      ['host', '127.0.0.1'],
      ['port', '5'],
      ['user', 'me'],
      ['password', 'pw'],
    ]),
  )
})
