import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { headersOf, joined, methodOf, sentOf, statusesOf } from './http.ts'
import type { HttpSide } from './workload.ts'

const side = (more: Partial<HttpSide> = {}): HttpSide => ({
  ...{ protocol: 'http', name: 'service', address: 'SERVICE_URL' },
  ...more,
})
const bytes = (given: ArrayBuffer | string | undefined) => [...new Uint8Array(given as ArrayBuffer)]

/** Both readers of the table, this one and Go's (extension-sql/request), must agree: what is checked is what is measured. */
const paths: { address: string; path?: string; asked: string }[] = JSON.parse(
  readFileSync(new URL('paths.cases.json', import.meta.url), 'utf8'),
)

test.each(paths)('$path behind $address asks for $asked', ({ address, path, asked }) => {
  const { pathname, search, host } = new URL(joined(address, path))
  expect([host, pathname + search]).toEqual(['h:8000', asked])
})

describe('what is sent for a key', () => {
  test.each<[string, Partial<HttpSide>, unknown]>([
    ['nothing', {}, {}],
    ['a path', { path: 'predict' }, { path: 'predict' }],
    ['a path of the key', { path: (key) => `predict/${(key as { id: number }).id}` }, { path: 'predict/7' }],
    ['JSON', { body: (key) => key }, { body: '{"id":7}' }],
    ['JSON, said', { body: () => [null, 'ä'], bodyAs: 'json' }, { body: '[null,"ä"]' }],
    ['null, which JSON has', { body: () => null }, { body: 'null' }],
    ['text', { body: () => 'id 7', bodyAs: 'text' }, { body: 'id 7' }],
    [
      'a name without a value',
      { body: () => ({ a: 1, b: undefined, c: [null, {}] }) },
      { body: '{"a":1,"c":[null,{}]}' },
    ],
    ['no text', { body: () => '', bodyAs: 'text' }, { body: '' }],
    [
      // https://url.spec.whatwg.org/#urlencoded-serializing
      'a form',
      { body: () => ({ a: 1, 'b c': 'd&e=f', g: 'ä + %' }), bodyAs: 'form' },
      { body: 'a=1&b+c=d%26e%3Df&g=%C3%A4+%2B+%25' },
    ],
  ])('%s', (_, more, expected) => {
    expect(sentOf(side(more), { id: 7 })).toEqual(expected)
  })

  test('a form is read by others as it was meant', () => {
    const given = { a: '1 2', 'b&': '=ä+%', c: '' }
    const { body } = sentOf(side({ body: () => given, bodyAs: 'form' }), 1)
    expect(Object.fromEntries(new URLSearchParams(body as string))).toEqual(given)
  })

  test('bytes are those of the array, not of what it looks into', () => {
    const whole = new Uint8Array([0, 1, 2, 3, 4, 5])
    for (const [given, expected] of [
      [whole.subarray(2, 4), [2, 3]],
      [whole.buffer, [0, 1, 2, 3, 4, 5]],
      [new Uint8Array(0), []],
    ] as const)
      expect(bytes(sentOf(side({ body: () => given, bodyAs: 'bytes' }), 1).body)).toEqual(expected)
  })

  test.each<[Partial<HttpSide>, string]>([
    [{ path: (() => 7) as never }, 'its path is 7; expected a text'],
    [{ path: (() => null) as never }, 'its path is null; expected a text'],
    [{ body: () => undefined }, "its body is undefined; expected what bodyAs: 'json' can send"],
    // Of a name that the key has not. JSON would write null, or nothing at all.
    [
      { body: (key) => [(key as { ID?: number }).ID, 7] },
      'its body has undefined as 0, which JSON cannot hold',
    ],
    [
      { body: (key) => ({ id: (key as { ID?: number }).ID }) },
      'its body has undefined as id, and no other value',
    ],
    [{ body: () => () => 1 }, "its body is function; expected what bodyAs: 'json' can send"],
    [{ body: () => 7, bodyAs: 'text' }, "its body is number; expected what bodyAs: 'text' can send: a text"],
    [{ body: () => 'a=1', bodyAs: 'form' }, "its body is string; expected what bodyAs: 'form' can send"],
    [{ body: () => null, bodyAs: 'form' }, "bodyAs: 'form' can send: an object of names and values"],
    [{ body: () => ['a'], bodyAs: 'form' }, "bodyAs: 'form' can send: an object of names and values"],
    [{ body: () => 'abc', bodyAs: 'bytes' }, "bodyAs: 'bytes' can send: an ArrayBuffer or a Uint8Array"],
    [{ body: () => [1], bodyAs: 'bytes' }, "bodyAs: 'bytes' can send: an ArrayBuffer or a Uint8Array"],
  ])('%j cannot be sent', (more, expected) => {
    expect(() => sentOf(side(more), 1)).toThrow(TypeError)
    expect(() => sentOf(side(more), 1)).toThrow(expected)
  })
})

test('a method that is not said is POST where there is something to send', () => {
  expect(methodOf(side())).toBe('GET')
  expect(methodOf(side({ body: () => 1 }))).toBe('POST')
  expect(methodOf(side({ body: () => 1, method: 'PUT' }))).toBe('PUT')
  expect(methodOf(side({ method: 'DELETE' }))).toBe('DELETE')
})

test('200 is an answer where nothing else is said', () => {
  expect(statusesOf(side())).toEqual([200])
  expect(statusesOf(side({ statuses: [200, 404] }))).toEqual([200, 404])
})

describe('headers', () => {
  const token = { Authorization: { variable: 'API_TOKEN', prefix: 'Bearer ' } }
  test.each<[Partial<HttpSide>, Record<string, string>]>([
    [{}, {}],
    [{ headers: { Accept: 'text/plain' } }, { Accept: 'text/plain' }],
    [{ headers: token }, { Authorization: 'Bearer s3cret' }],
    [{ headers: { 'X-Key': { variable: 'API_TOKEN' } } }, { 'X-Key': 's3cret' }],
    [{ body: () => 1 }, { 'Content-Type': 'application/json' }],
    [{ body: () => 1, bodyAs: 'form' }, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    [{ body: () => 1, bodyAs: 'bytes' }, { 'Content-Type': 'application/octet-stream' }],
    [{ body: () => 1, bodyAs: 'text' }, { 'Content-Type': 'text/plain; charset=utf-8' }],
    // A header's name has no case.
    [{ body: () => 1, headers: { 'content-TYPE': 'a/b' } }, { 'content-TYPE': 'a/b' }],
    [{ bodyAs: 'json' }, {}],
  ])('of %j', (more, expected) => {
    expect(headersOf(side(more), { API_TOKEN: 's3cret' })).toEqual(expected)
  })

  test.each([
    {},
    { API_TOKEN: '' },
  ])('a secret that is not there is named, with its header: %j', (variables) => {
    expect(() => headersOf(side({ headers: token }), variables)).toThrow(
      'API_TOKEN: is not set; expected the value of the header Authorization',
    )
  })
})
