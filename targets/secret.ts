/** A password of a server's own, made once and readable by its owner only: loopback is shared by all users of a machine. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeWhole } from '../build/place.ts'

/** One that was not written whole, on a full disk say, is none. */
export async function secret(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known !== '') return known
  const made = randomBytes(18).toString('hex')
  await mkdir(path.dirname(file), { recursive: true })
  await writeWhole(file, made, 0o600)
  return made
}
