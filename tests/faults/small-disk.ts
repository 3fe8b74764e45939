/** A disk of a few megabytes, in memory, which only root may mount. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'

/** What a row says where it cannot be looked at. */
export const notRoot = 'not run: only root may mount a small disk'
export const isRoot = process.getuid?.() === 0

export interface SmallDisk {
  /** Takes all room that is left. */
  fill(): Promise<void>
  makeRoom(): Promise<void>
}

/** Mounts one over a folder for as long as `work` takes. @param size as `mount` takes it */
export async function onSmallDisk<T>(
  folder: string,
  size: string,
  work: (disk: SmallDisk) => Promise<T>,
): Promise<T> {
  await mkdir(folder, { recursive: true })
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'small-disk', folder])
  const filler = path.join(folder, '.filler')
  try {
    return await work({
      async fill() {
        for (const part of [1e6, 4096, 1])
          try {
            for (;;) await writeFile(filler, Buffer.alloc(part), { flag: 'a' })
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
          }
      },
      makeRoom: () => rm(filler, { force: true }),
    })
  } finally {
    await execa('umount', [folder])
  }
}
