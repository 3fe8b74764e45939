import { expect, test } from 'vitest'
import { hexadecimal, SumOfHashes } from './hashes.ts'

function summed(...texts: [text: string, seed: number][]) {
  const sum = new SumOfHashes()
  for (const [text, seed] of texts) {
    const bytes = Buffer.from(`before${text}behind`)
    sum.add(bytes, 6, bytes.length - 6, seed)
  }
  return sum.value()
}

/** What PostgreSQL 18.6 answers to SELECT hashtextextended(text, seed): no text, parts of a block of twelve, several, UTF-8. */
const known: [text: string, seed: number, hash: bigint][] = [
  ['', 1, -150071773020461347n],
  ['a', 1, 3325245193489759299n],
  ['abc', 2, 792850575183825444n],
  ['abcd', 3, 6165500558379423671n],
  ['abcdefgh', 4, -8676063684969682109n],
  ['abcdefghi', 5, 1170368177875774755n],
  ['abcdefghijk', 6, -7191341819427680153n],
  ['abcdefghijkl', 7, -9039814575907250350n],
  ['2013,1,1,1400,2,1,1545,35,45,180,2', 8, 4910252585232237017n],
  ['"Zürich",€', 9, 8156049534096489183n],
  ['abc', 27924285, 1687345007458153143n],
  ['abc', 4294967296, -1269793291039555064n],
  ['abc', 9007199254740991, -6003644275947193193n],
]

test.each(known)('%j at place %i has the hash that Postgres gives it', (text, seed, hash) => {
  expect(summed([text, seed])).toEqual({ count: 1, sum: hexadecimal(hash) })
})

test('sums are those of the hashes modulo 2^64, in any order', () => {
  const all = known.reduce((sum, [, , hash]) => sum + hash, 0n)
  const texts = known.map(([text, seed]): [string, number] => [text, seed])
  expect(summed(...texts)).toEqual({ count: known.length, sum: hexadecimal(all) })
  expect(summed(...texts.toReversed())).toEqual(summed(...texts))
  expect(hexadecimal(2n ** 64n + 10n)).toBe('000000000000000a')
})

test('a row that has another value, is missing, comes twice or changes places with another has another sum', () => {
  const rows: [string, number][] = [
    ['1,2', 1],
    ['3,4', 2],
    ['1,2', 3],
  ]
  const sums = [
    summed(...rows),
    summed(['1,2', 1], ['3,5', 2], ['1,2', 3]),
    summed(['1,2', 1], ['1,2', 2]),
    summed(['1,2', 1], ['1,2', 2], ['3,4', 3], ['1,2', 4]),
    summed(['3,4', 1], ['1,2', 2], ['1,2', 3]),
  ]
  expect(new Set(sums.map(({ count, sum }) => `${count} ${sum}`)).size).toBe(sums.length)
})
