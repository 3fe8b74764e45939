/**
 * dist/*.js: one bundle a scenario, with source maps; k6's own modules stay imports. dist/<workload>/ has those of a workload of a user's
 * own: compare.js, a scenario a side, and what they read.
 */
import { readdirSync } from 'node:fs'
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type BuildOptions, build, version as esbuildVersion, type Plugin } from 'esbuild'
import type { Draw } from '../workload/workload.ts'
import { fingerprintOf } from './fingerprint.ts'
import { bundles, flightKeysFile, root, thresholdsFile } from './paths.ts'
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

/** Where the keys and the thresholds lie, as `open()` takes it: from the bundle. */
interface Places {
  keys: string
  /** Absent where nothing is expected. */
  thresholds?: string
  /** Of keys that have been drawn from more. */
  draw?: Draw | undefined
}

const flightPlaces = {
  keys: path.relative(bundles, flightKeysFile),
  thresholds: path.relative(bundles, thresholdsFile),
}

type Given = Pick<LoadedWorkload, 'file' | 'texts' | 'digest'>

/** SHA-256 of all that a bundle is made of but the workload: parts of one comparison must be the same. */
const programDigest = () => fingerprintOf(root, scenarios, workload)

/** What scenarios/lib/given.ts is for a workload. */
const givenModule = ({ file, texts, digest }: Given, places: Places, program: string) => `
import workload from ${JSON.stringify(file)}
export default workload
export const texts = ${JSON.stringify(texts)}
export const made = ${JSON.stringify({ program, workload: digest })}
export const places = ${JSON.stringify(places)}
`

/** Puts a workload in its place. */
const givenPlugin = (of: Given, places: Places): Plugin => ({
  name: 'given',
  setup: ({ onLoad }) =>
    onLoad({ filter: /scenarios[\\/]lib[\\/]given\.ts$/ }, async () => ({
      contents: givenModule(of, places, await programDigest()),
      loader: 'ts',
      resolveDir: path.dirname(of.file),
    })),
})

export const scenarioBundles: Step = {
  title: 'Bundle the scenarios',
  name: 'bundles',
  inputs: async () => ({
    sources: await programDigest(),
    esbuild: esbuildVersion,
    // Paths that stand in them.
    ...flightPlaces,
  }),
  outputs: scenarioNames.map(bundle),
  work: async () => {
    for (const name of scenarioNames) await rm(bundle(name), { force: true })
    await build({
      ...bundleSettings,
      // The flights are a part of the program.
      plugins: [givenPlugin({ file: flightsFile, texts: {}, digest: await programDigest() }, flightPlaces)],
      entryPoints: scenarioNames.map((name) => path.join(scenarios, `${name}.ts`)),
      outdir: bundles,
    })
  },
}

/** Scenarios of all sides of a workload, whatever it is. */
const ofAllSides = ['compare', 'connections', 'changes']

const sideModule = (name: string) => `
import { single } from ${JSON.stringify(path.join(scenarios, 'lib', 'single.ts'))}
const { options, iteration } = single(${JSON.stringify(name)})
export { iteration as default, options }
`

/** Makes a scenario of each side's name. */
const sidesPlugin: Plugin = {
  name: 'sides',
  setup: ({ onLoad, onResolve }) => {
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
}

export interface Beside {
  /** All keys, as JSON can hold them. */
  keys: readonly unknown[]
  /** Absolute; undefined where nothing is expected. */
  thresholds: string | undefined
  /** How they are drawn from, where they have been drawn from more before; absent: as the workload says. */
  draw?: Draw | undefined
}

/** The bundles of a workload, and what they read, in a folder of its name: each runs by `k6 run` with nothing but environment variables. */
export async function bundleWorkload(
  loaded: LoadedWorkload,
  { keys, thresholds, draw }: Beside,
): Promise<string> {
  const folder = folderOf(loaded)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'keys.json'), JSON.stringify(keys))
  if (thresholds !== undefined) await copyFile(thresholds, path.join(folder, 'thresholds.json'))
  const sides = [...loaded.sides, ...loaded.beside].map(({ name }) => name)
  await build({
    ...bundleSettings,
    mainFields: ['module', 'main'],
    plugins: [
      givenPlugin(loaded, {
        ...{ keys: './keys.json', draw },
        ...(thresholds !== undefined && { thresholds: './thresholds.json' }),
      }),
      sidesPlugin,
    ],
    entryPoints: {
      ...Object.fromEntries(ofAllSides.map((name) => [name, path.join(scenarios, `${name}.ts`)])),
      ...Object.fromEntries(sides.map((name) => [name, `side:${name}`])),
    },
    outdir: folder,
  })
  return folder
}
