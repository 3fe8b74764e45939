/** The caches of all workers but the first: each shares with the checkout's what is only read, so that nothing is built twice. */
import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { cache, inCache, k6Binary, root } from '../build/paths.ts'
import { placeOf, workers } from './workers.ts'

const shared = ['datasets', 'go', 'pgml', 'pip', 'python', 'tests']

/** What is built and installed counts as done there, too: its stamps name where it is. */
async function copyStamps(place: string): Promise<void> {
  const folder = path.join(place, 'steps')
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(inCache('steps'))) {
    const text = await readFile(inCache('steps', name), 'utf8')
    await writeFile(path.join(folder, name), text.replaceAll(`${cache}${path.sep}`, `${place}${path.sep}`))
  }
}

async function share(place: string): Promise<void> {
  for (const name of shared.filter((each) => existsSync(inCache(each)))) {
    const link = path.join(place, name)
    if (!(await lstat(link).catch(() => undefined))) await symlink(inCache(name), link)
  }
}

/** A cache in which the programs are built: enough for a command that measures what runs already, beside another one. */
export async function placeWithPrograms(place: string): Promise<void> {
  await copyStamps(place)
  await cp(path.dirname(k6Binary), path.join(place, 'bin'), { recursive: true })
}

/** Vitest runs it once, before any test. */
export default async function makePlaces(): Promise<void> {
  await mkdir(inCache('tests'), { recursive: true })
  for (let worker = 2; worker <= workers; worker++) {
    const place = placeOf(worker) as string
    await placeWithPrograms(place)
    await share(place)
    // What is left to make: bundles, in which paths stand.
    await execa('node', [path.join(root, 'cli', 'inference-gap.mjs'), 'setup'], {
      env: { INFERENCE_GAP_CACHE: place },
      stdin: 'ignore',
    })
  }
}
