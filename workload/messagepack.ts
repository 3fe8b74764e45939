/**
 * As much MessagePack as a question and its answer need (https://github.com/msgpack/msgpack/blob/master/spec.md). The usual library does not
 * run in k6: @msgpack/msgpack 3 needs TextEncoder and asynchronous iteration, and k6 1.8 has neither.
 */

/** @param numbers at most 15 whole numbers of 32 bits with sign */
export function packed(numbers: readonly number[]): ArrayBuffer {
  const bytes = new DataView(new ArrayBuffer(1 + 5 * numbers.length))
  bytes.setUint8(0, 0x90 | numbers.length)
  for (let index = 0; index < numbers.length; index++) {
    bytes.setUint8(1 + 5 * index, 0xd2)
    bytes.setInt32(2 + 5 * index, numbers[index] as number)
  }
  return bytes.buffer
}

/** The number in an array of one 64-bit float, which is what the service answers; undefined for anything else. */
export function onlyFloat(answer: ArrayBuffer): number | undefined {
  if (answer.byteLength !== 10) return undefined
  const bytes = new DataView(answer)
  return bytes.getUint8(0) === 0x91 && bytes.getUint8(1) === 0xcb ? bytes.getFloat64(2) : undefined
}
