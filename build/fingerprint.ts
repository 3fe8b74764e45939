/** Content, not dates, decides what has to be done again. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'

/** SHA-256 of some text or bytes, in hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}

/** SHA-256 of one file's bytes, in hex, without holding the file in memory. */
export async function sha256File(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

const ignored = new Set(['node_modules', '__pycache__', '.pytest_cache', 'build', 'results'])

/** Every file below the given files and folders, sorted; build outputs and caches are left out. */
export async function filesBelow(...places: string[]): Promise<string[]> {
  const found: string[] = []
  for (const place of places) {
    if ((await stat(place)).isFile()) {
      found.push(place)
      continue
    }
    for (const entry of await readdir(place, { withFileTypes: true })) {
      if (ignored.has(entry.name)) continue
      const child = path.join(place, entry.name)
      if (entry.isDirectory()) found.push(...(await filesBelow(child)))
      else if (entry.isFile()) found.push(child)
    }
  }
  return found.sort()
}

/** One hash over the names (relative to `base`) and the contents of all files below the given places. */
export async function fingerprintOf(base: string, ...places: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of await filesBelow(...places))
    hash.update(`${path.relative(base, file)}\0${await sha256File(file)}\n`)
  return hash.digest('hex')
}
