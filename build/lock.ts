/** One run at a time in a checkout: two would share a data folder, and spoil each other's figures. */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { Failure } from './failure.ts'
import { cache, inCache } from './paths.ts'

const file = inCache('lock')

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** @throws {Failure} when another live process holds the lock */
async function acquire(): Promise<void> {
  await mkdir(cache, { recursive: true })
  for (;;) {
    try {
      const handle = await open(file, 'wx')
      await handle.write(String(process.pid))
      await handle.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const holder = Number(await readFile(file, 'utf8').catch(() => ''))
    if (holder > 0 && alive(holder))
      throw new Failure(
        `Another inference-gap (process ${holder}) is at work in this checkout`,
        'Wait for it to end, or end it',
      )
    await rm(file, { force: true }) // left behind by a process that was killed
  }
}

export async function locked<T>(work: () => Promise<T>): Promise<T> {
  await acquire()
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}
