/**
 * One run at a time in a checkout: two would share a data folder, and spoil each other's figures.
 *
 * The lock is the kernel's, on an open file: of two that start at once one has it, and it is free as soon as its holder is
 * gone, killed or by a reboot. A lock that is a file or folder itself cannot be so: who finds one left behind and removes it
 * may remove that of another who has just done the same. The number in the file is there for people alone.
 */
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { tryLock } from 'fs-native-extensions'
import { Failure, reasonOf } from './failure.ts'
import { inCache, shown } from './paths.ts'
import { tryFolder } from './place.ts'
import { isAlive } from './processes.ts'

/** Whether others who open the file by its name find the one that is open. */
function isThere(descriptor: number, file: string): boolean {
  try {
    return statSync(file).ino === fstatSync(descriptor).ino
  } catch {
    return false
  }
}

/** Who holds it; undefined where that is not to be known. The holder may not yet have written who it is. */
async function holderOf(file: string): Promise<number | undefined> {
  for (let look = 0; look < 10; look++) {
    let holder = 0
    try {
      holder = Number(readFileSync(file, 'utf8'))
    } catch {}
    if (holder > 0 && isAlive(holder)) return holder
    await sleep(20)
  }
  return undefined
}

/** @returns what frees it. @throws {Failure} when another process holds it */
export async function acquire(file: string): Promise<() => void> {
  await tryFolder(path.dirname(file))
  for (;;) {
    const descriptor = openSync(file, 'a+')
    try {
      if (!tryLock(descriptor)) {
        const holder = await holderOf(file)
        throw new Failure(
          `Another inference-gap${holder === undefined ? '' : ` (process ${holder})`} is at work in this checkout`,
          'Wait for it to end, or end it',
        )
      }
      // The holder before has removed it since it was opened.
      if (!isThere(descriptor, file)) {
        closeSync(descriptor)
        continue
      }
      ftruncateSync(descriptor)
      writeSync(descriptor, String(process.pid))
    } catch (error) {
      closeSync(descriptor)
      if (error instanceof Failure) throw error
      throw new Failure(
        `${shown(file)} cannot be locked: ${reasonOf(error)}`,
        'Use a checkout on a file system of this machine',
      )
    }
    const release = () => {
      process.off('exit', release)
      rmSync(file, { force: true }) // while it is held: nobody else's is removed
      closeSync(descriptor)
    }
    process.on('exit', release)
    return release
  }
}

/** What processes that were killed had put aside. */
async function clearLeftOver(): Promise<void> {
  const folder = inCache('tmp')
  for (const name of await readdir(folder).catch(() => []))
    if (!isAlive(Number(name))) await rm(path.join(folder, name), { recursive: true, force: true })
}

/** Whether this process has it. */
let isOurs = false

/** What is done in the midst of something that is locked is locked with it. */
export async function locked<T>(work: () => Promise<T>): Promise<T> {
  if (isOurs) return work()
  const release = await acquire(inCache('lock'))
  isOurs = true
  try {
    await clearLeftOver()
    return await work()
  } finally {
    isOurs = false
    release()
  }
}
