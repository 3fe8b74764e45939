/**
 * dist/*.js: one bundle a scenario, with source maps; k6's own modules stay imports. dist/<workload>/ has those of a workload of a user's
 * own: compare.js, a scenario a side, and what they read.
 */
import { readdirSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { fingerprintOf, sha256File } from './fingerprint.ts'
import { bundles, root } from './paths.ts'
import type { Step } from './step.ts'
import { flightsFile, type LoadedWorkload, workloadAlias } from './workload.ts'

const scenarios = path.join(root, 'scenarios')
/** What is in them beside. */
const workload = path.join(root, 'workload')

/** Names of the scenarios: each file directly in scenarios/ is one. */
export const scenarioNames = readdirSync(scenarios)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))

export const bundle = (scenario: string) => path.join(bundles, `${scenario}.js`)

/** The comparison of a workload. */
export const comparisonOf = ({ file, name }: LoadedWorkload) =>
  file === flightsFile ? bundle('compare') : path.join(folderOf({ name }), 'compare.js')

const folderOf = ({ name }: Pick<LoadedWorkload, 'name'>) => path.join(bundles, name)

export const bundleSettings: BuildOptions = {
  bundle: true,
  format: 'esm',
  // What k6's own runtime understands without transforming again.
  target: 'es2022',
  platform: 'neutral',
  external: ['k6', 'k6/*'],
  sourcemap: true,
  absWorkingDir: root,
  alias: workloadAlias,
  logLevel: 'silent',
}

export const scenarioBundles: Step = {
  title: 'Bundle the scenarios',
  name: 'bundles',
  inputs: async () => ({
    sources: await fingerprintOf(root, scenarios, workload),
    esbuild: await sha256File(path.join(root, 'package-lock.json')),
  }),
  outputs: scenarioNames.map(bundle),
  work: async () => {
    for (const name of scenarioNames) await rm(bundle(name), { force: true })
    await build({
      ...bundleSettings,
      entryPoints: scenarioNames.map((name) => path.join(scenarios, `${name}.ts`)),
      outdir: bundles,
    })
  },
}

/** What scenarios/lib/given.ts is for a workload: the paths count from the bundle. */
const givenModule = ({ file, texts }: LoadedWorkload, thresholds: string | undefined) => `
import workload from ${JSON.stringify(file)}
export default workload
export const texts = ${JSON.stringify(texts)}
export const places = { keys: './keys.json', thresholds: ${thresholds === undefined ? 'undefined' : "'./thresholds.json'"} }
`

const sideModule = (name: string) => `
import { single } from ${JSON.stringify(path.join(scenarios, 'lib', 'single.ts'))}
const { options, iteration } = single(${JSON.stringify(name)})
export { iteration as default, options }
`

/** Puts the workload in its place, and makes a scenario of each side's name. */
const workloadPlugin = (loaded: LoadedWorkload, thresholds: string | undefined): Plugin => ({
  name: 'workload',
  setup: ({ onLoad, onResolve }) => {
    onLoad({ filter: /scenarios[\\/]lib[\\/]given\.ts$/ }, () => ({
      contents: givenModule(loaded, thresholds),
      loader: 'ts',
      resolveDir: path.dirname(loaded.file),
    }))
    onResolve({ filter: /^side:/ }, (asked) => ({
      path: asked.path.slice('side:'.length),
      namespace: 'side',
    }))
    onLoad({ filter: /.*/, namespace: 'side' }, (asked) => ({
      contents: sideModule(asked.path),
      loader: 'ts',
      resolveDir: root,
    }))
  },
})

export interface Beside {
  /** All keys, as JSON can hold them. */
  keys: readonly unknown[]
  /** Absolute; undefined where nothing is expected. */
  thresholds: string | undefined
}

/** The bundles of a workload, and what they read, in a folder of its name: each runs by `k6 run` with nothing but environment variables. */
export async function bundleWorkload(loaded: LoadedWorkload, { keys, thresholds }: Beside): Promise<string> {
  const folder = folderOf(loaded)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify(keys))
  if (thresholds !== undefined) await copyFile(thresholds, path.join(folder, 'thresholds.json'))
  const sides = [...loaded.sides, ...loaded.beside].map(({ name }) => name)
  await build({
    ...bundleSettings,
    mainFields: ['module', 'main'],
    plugins: [workloadPlugin(loaded, thresholds)],
    entryPoints: {
      compare: path.join(scenarios, 'compare.ts'),
      ...Object.fromEntries(sides.map((name) => [name, `side:${name}`])),
    },
    outdir: folder,
  })
  return folder
}
