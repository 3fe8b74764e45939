/** What a database writes, read without one; tests/values.test.ts asks a real one, and k6 beside it. */
import type { Client } from 'pg'
import { expect, test } from 'vitest'
import { readArray } from './array.ts'
import { isoTime } from './timestamp.ts'
import { Values } from './values.ts'

/** A database that knows these types, and answers every other question with one row of texts. */
function answering(types: string[][], fields: number[], row: (string | null)[]) {
  const asked: string[] = []
  const query = async ({ text }: { text: string }) => {
    asked.push(text)
    const oids = /t\.oid IN \((.*)\)/.exec(text)?.[1]?.split(',')
    if (oids) return { rows: types.filter(([oid]) => oids.includes(oid ?? '')) }
    return { rows: [row], fields: fields.map((dataTypeID, at) => ({ name: `c${at}`, dataTypeID })) }
  }
  return { asked, values: new Values({ query } as unknown as Client) }
}

test('types are asked for when a value of them first comes, with those that they are made of, and never again', async () => {
  const types = [
    ['90001', '1021', '0', ' ', ''],
    ['1021', '0', '700', ',', ''],
  ]
  const { asked, values } = answering(types, [90001, 23], ['{0.1,NULL}', null])
  const question = { text: 'SELECT' }
  expect((await values.rows(question)).rows).toEqual([{ c0: [Math.fround(0.1), null], c1: null }])
  expect(asked.map((text) => text.match(/ t\.oid IN (.*)/)?.[1] ?? text)).toEqual([
    'SELECT',
    '(90001)',
    '(1021)',
  ])
  await values.rows(question)
  expect(asked).toHaveLength(4)
})

test('a type that has gone by then is text', async () => {
  const { values } = answering([], [90001], ['{1}'])
  expect((await values.rows({ text: 'SELECT' })).rows).toEqual([{ c0: '{1}' }])
})

test.each([
  ['2013-01-02 03:04:05.678901+02', '2013-01-02T01:04:05.678901Z'],
  ['1900-01-01 00:00:00+00:09:21', '1899-12-31T23:50:39Z'],
  ['2000-02-29 23:00:00-03:30', '2000-03-01T02:30:00Z'],
  ['0001-01-01 00:00:00+01', '0000-12-31T23:00:00Z'],
  ['0001-12-31 23:30:00-01 BC', '0001-01-01T00:30:00Z'],
  ['4713-01-01 00:00:00+00 BC', '-004712-01-01T00:00:00Z'],
  ['9999-12-31 23:00:00-02', '+010000-01-01T01:00:00Z'],
  ['294276-12-31 23:59:59.999999+00', '+294276-12-31T23:59:59.999999Z'],
  ['infinity', 'infinity'],
  ['-infinity', '-infinity'],
])('%s is %s', (text, expected) => {
  expect(isoTime(text, true)).toBe(expected)
})

test.each(['{1', '1}', '1', '', '{"1}', '{1}{2}'])('%s is no array', (text) => {
  expect(() => readArray(text, ',', Number)).toThrow('is no array')
})
