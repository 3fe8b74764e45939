/**
 * As much MessagePack as a question and its answer need (https://github.com/msgpack/msgpack/blob/master/spec.md). The usual library does not
 * run in k6: @msgpack/msgpack 3 needs TextEncoder and asynchronous iteration, and k6 1.8 has neither.
 */

/** Of an array of so many elements, in the shortest of three forms. */
function headOf(count: number): Uint8Array {
  if (count < 16) return Uint8Array.from([0x90 | count])
  const bytes = [count >> 24, count >> 16, count >> 8, count].map((each) => each & 0xff)
  return Uint8Array.from(count < 2 ** 16 ? [0xdc, ...bytes.slice(2)] : [0xdd, ...bytes])
}

/** @param numbers whole ones of 32 bits with sign */
export function packed(numbers: readonly number[]): ArrayBuffer {
  const head = headOf(numbers.length)
  const bytes = new DataView(new ArrayBuffer(head.length + 5 * numbers.length))
  head.forEach((byte, at) => void bytes.setUint8(at, byte))
  for (let index = 0; index < numbers.length; index++) {
    bytes.setUint8(head.length + 5 * index, 0xd2)
    bytes.setInt32(head.length + 1 + 5 * index, numbers[index] as number)
  }
  return bytes.buffer
}

/** @param lists each as {@link packed} takes it */
export function packedLists(lists: readonly (readonly number[])[]): ArrayBuffer {
  const parts = [headOf(lists.length), ...lists.map((list) => new Uint8Array(packed(list)))]
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes.buffer
}

/** The numbers of an array of 64-bit floats; undefined for anything else. */
export function floats(answer: ArrayBuffer): number[] | undefined {
  const bytes = new DataView(answer)
  const count = Math.floor(answer.byteLength / 9)
  const head = headOf(count)
  if (answer.byteLength !== head.length + 9 * count) return undefined
  if (head.some((byte, at) => bytes.getUint8(at) !== byte)) return undefined
  const found: number[] = []
  for (let at = head.length; at < answer.byteLength; at += 9) {
    if (bytes.getUint8(at) !== 0xcb) return undefined
    found.push(bytes.getFloat64(at + 1))
  }
  return found
}

/** The number in an array of one 64-bit float, which is what the service answers; undefined for anything else. */
export function onlyFloat(answer: ArrayBuffer): number | undefined {
  if (answer.byteLength !== 10) return undefined
  const bytes = new DataView(answer)
  return bytes.getUint8(0) === 0x91 && bytes.getUint8(1) === 0xcb ? bytes.getFloat64(2) : undefined
}
