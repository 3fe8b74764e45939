/** Places that are to be written to: tried before anything depends on them, and written whole or not at all. */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { BadInput, reasonOf } from './failure.ts'
import { shown } from './paths.ts'

/** Writes a file beside, then renames it: whoever looks finds what was there before or all of the new, never a half. */
export async function writeWhole(file: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const beside = path.join(path.dirname(file), `.${path.basename(file)}.${randomUUID()}`)
  try {
    await writeFile(beside, content, { flag: 'wx', mode })
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {})
    throw error
  }
}

/**
 * Makes a folder with all above it and writes into it, for a try.
 * @throws {BadInput} naming the folder and what stands in the way
 */
export async function tryFolder(
  folder: string,
  hint = 'Move away what is there, make room, or see to it that you may write there',
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const probe = path.join(folder, `.${randomUUID()}`)
    await writeWhole(probe, 'x')
    await rm(probe)
  } catch (error) {
    throw new BadInput(`${shown(folder)} cannot be written to: ${await obstacle(folder, error)}`, hint)
  }
}

/** What keeps a folder from being made or written to, in words. */
async function obstacle(folder: string, error: unknown): Promise<string> {
  for (let part = path.resolve(folder); ; part = path.dirname(part)) {
    const found = await lstat(part).catch(() => undefined)
    if (!found && part !== path.dirname(part)) continue
    if (found?.isSymbolicLink() && !(await stat(part).catch(() => undefined)))
      return `${shown(part)} is a link to ${await readlink(part)}, which does not exist`
    if (found && !found.isSymbolicLink() && !found.isDirectory())
      return `${shown(part)} is a file, not a folder`
    return reasonOf(error)
  }
}

/** A pipe without a reader must not make us wait. */
const toAppend = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK

/** Opens a file to be appended to, and closes it. @throws whatever stands in the way */
export async function tryAppend(file: string): Promise<void> {
  const handle = await open(file, toAppend, 0o666)
  await handle.close()
}

/** At the end of a file, all of the text or nothing. */
export async function appendWhole(file: string, text: string): Promise<void> {
  const handle = await open(file, toAppend, 0o666)
  try {
    const before = await handle.stat()
    try {
      await handle.writeFile(text)
    } catch (error) {
      if (before.isFile()) await handle.truncate(before.size)
      throw error
    }
  } finally {
    await handle.close()
  }
}
