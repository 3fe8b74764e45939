import { expect, test } from 'vitest'
import { floats, onlyFloat, packed, packedLists } from './messagepack.ts'

const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex')
const buffer = (text: string) => new Uint8Array(Buffer.from(text, 'hex')).buffer

// Bytes written out by hand from the specification; the service's own tests hold them against Python's msgpack.
test('a key is an array of 32-bit integers', () => {
  expect(hex(packed([35, 2013, 1, -1]))).toBe('94d200000023d2000007ddd200000001d2ffffffff')
})

// A table may have a key of so many columns.
test('a key of more than fifteen columns has a longer head, too', () => {
  expect(hex(packed(Array(15).fill(7)))).toBe(`9f${'d200000007'.repeat(15)}`)
  expect(hex(packed(Array(16).fill(7)))).toBe(`dc0010${'d200000007'.repeat(16)}`)
})

test('an answer is an array of one 64-bit float', () => {
  expect(onlyFloat(buffer('91cb3ff8000000000000'))).toBe(1.5)
})

test('keys are an array of such arrays, whose head is longer from sixteen on', () => {
  expect(hex(packedLists([[1], [-1]]))).toBe('9291d20000000191d2ffffffff')
  expect(hex(packedLists([]))).toBe('90')
  expect(hex(packedLists(Array(15).fill([])))).toBe(`9f${'90'.repeat(15)}`)
  expect(hex(packedLists(Array(300).fill([])))).toBe(`dc012c${'90'.repeat(300)}`)
  expect(hex(packedLists(Array(65_535).fill([]))).slice(0, 8)).toBe('dcffff90')
  expect(hex(packedLists(Array(70_000).fill([]))).slice(0, 12)).toBe('dd0001117090')
})

test('answers to them are an array of 64-bit floats', () => {
  expect(floats(buffer('92cb3ff8000000000000cbc000000000000000'))).toEqual([1.5, -2])
  expect(floats(buffer('90'))).toEqual([])
  expect(floats(buffer(`9f${'cb3ff8000000000000'.repeat(15)}`))).toEqual(Array(15).fill(1.5))
  const many = floats(buffer(`dd00011170${'cb3ff8000000000000'.repeat(70_000)}`))
  expect([many?.length, new Set(many)]).toEqual([70_000, new Set([1.5])])
  expect(floats(buffer(`dc0014${'cb3ff8000000000000'.repeat(20)}`))).toEqual(Array(20).fill(1.5))
})

test.each([
  '',
  '91',
  '92cb3ff8000000000000',
  '91cb3ff8000000000000cb3ff8000000000000',
  '91cf3ff8000000000000',
  'cb3ff8000000000000',
  `dc0013${'cb3ff8000000000000'.repeat(20)}`,
])('%s is no array of floats', (bytes) => {
  expect(floats(buffer(bytes))).toBeUndefined()
})

test.each([
  '',
  '92cb3ff8000000000000',
  '91ca3fc00000',
  // A whole number of 64 bits is as long.
  '91cf3ff8000000000000',
  '9105',
  '91cb3ff800000000000000',
])('%s is none', (bytes) => {
  expect(onlyFloat(buffer(bytes))).toBeUndefined()
})
