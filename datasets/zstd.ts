/**
 * Whether a file that Zstandard compressed is all there: cut short, it would pass for a table of fewer rows. Its frames and blocks say how
 * long they are (RFC 8878), so that nothing of it need be unpacked.
 */
import { open } from 'node:fs/promises'

const magic = 0xfd2fb528
/** Of frames that hold something else, and are passed over: the last four bits may be any. */
const skipped = 0x184d2a50

/** Bytes of the field that names a dictionary, by two bits of the first byte. */
const ofDictionary = [0, 1, 2, 4]
/** Of the field that says how long the contents are, likewise; where there is one segment alone there always is one. */
const ofContents = [0, 2, 4, 8]

/** So many bytes at a place. @throws {RangeError} where the file ends before */
type Bytes = (at: number, length: number) => Promise<Buffer>

/** Where the frame ends that begins at a place. */
async function endOfFrame(bytes: Bytes, at: number): Promise<number> {
  const begins = (await bytes(at, 4)).readUInt32LE()
  if ((begins & ~15) === skipped) return at + 8 + (await bytes(at + 4, 4)).readUInt32LE()
  if (begins !== magic) throw new TypeError(`no frame of Zstandard begins at its byte ${at}`)
  const flags = (await bytes(at + 4, 1)).readUInt8()
  const isOneSegment = (flags & 32) !== 0
  const contents = ofContents[flags >> 6] || (isOneSegment ? 1 : 0)
  let next = at + 5 + (isOneSegment ? 0 : 1) + (ofDictionary[flags & 3] ?? 0) + contents
  for (let isLast = false; !isLast; ) {
    const header = (await bytes(next, 3)).readUIntLE(0, 3)
    isLast = (header & 1) !== 0
    // One byte that is repeated, or as many as it says.
    next += 3 + ((header >> 1) % 4 === 1 ? 1 : header >> 3)
  }
  const hasChecksum = (flags & 4) !== 0
  return next + (hasChecksum ? 4 : 0)
}

/** What is wrong with it, in words; undefined where it is whole. */
export async function faultOfZstd(file: string): Promise<string | undefined> {
  const opened = await open(file)
  try {
    const { size } = await opened.stat()
    const bytes: Bytes = async (at, length) => {
      const { buffer, bytesRead } = await opened.read(Buffer.alloc(length), 0, length, at)
      if (bytesRead < length) throw new RangeError('unexpected end of file')
      return buffer
    }
    let at = 0
    while (at < size) at = await endOfFrame(bytes, at)
    return at > size ? 'unexpected end of file' : undefined
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return error.message
    throw error
  } finally {
    await opened.close()
  }
}
