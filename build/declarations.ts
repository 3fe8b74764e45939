/** schema/workload.d.ts and .d.cts: what a workload may say, as editors and `tsc` read it where the project is a dependency. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { run } from './command.ts'
import { inCache, root } from './paths.ts'
import { tryFolder } from './place.ts'

/** A project that is no ES module takes the second. */
export const declarationFiles = ['workload.d.ts', 'workload.d.cts']

const source = path.join(root, 'workload', 'workload.ts')

/** By the compiler of the checkout: only whoever works on the project needs it. */
export async function declarations(): Promise<string> {
  await tryFolder(inCache('tmp'))
  const made = await mkdtemp(inCache('tmp', 'declarations-'))
  try {
    await run(process.execPath, [
      path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      source,
      ...['--ignoreConfig', '--declaration', '--emitDeclarationOnly', '--strict', '--outDir', made],
      ...['--target', 'es2022', '--module', 'nodenext', '--types', ''],
    ])
    return await readFile(path.join(made, 'workload.d.ts'), 'utf8')
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}
