/** A password of a server's own, made once and readable by its owner only: loopback is shared by all users of a machine. */
import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

export async function secret(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    const made = randomBytes(18).toString('hex')
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, made, { mode: 0o600 })
    return made
  }
}
