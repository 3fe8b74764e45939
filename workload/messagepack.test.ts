import { expect, test } from 'vitest'
import { onlyFloat, packed } from './messagepack.ts'

const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex')
const buffer = (text: string) => new Uint8Array(Buffer.from(text, 'hex')).buffer

// Bytes written out by hand from the specification; the service's own tests hold them against Python's msgpack.
test('a key is an array of 32-bit integers', () => {
  expect(hex(packed([35, 2013, 1, -1]))).toBe('94d200000023d2000007ddd200000001d2ffffffff')
})

test('an answer is an array of one 64-bit float', () => {
  expect(onlyFloat(buffer('91cb3ff8000000000000'))).toBe(1.5)
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
