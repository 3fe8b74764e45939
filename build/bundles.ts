/** dist/*.js: one bundle a scenario, with source maps; k6's own modules stay imports. */
import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { fingerprintOf, sha256File } from './fingerprint.ts'
import { bundles, root } from './paths.ts'
import type { Step } from './step.ts'

const scenarios = path.join(root, 'scenarios')
/** What is in them beside. */
const workload = path.join(root, 'workload')

/** Names of the scenarios: each file directly in scenarios/ is one. */
export const scenarioNames = readdirSync(scenarios)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => path.basename(file, '.ts'))

export const bundle = (scenario: string) => path.join(bundles, `${scenario}.js`)

export const bundleSettings: BuildOptions = {
  bundle: true,
  format: 'esm',
  // What k6's own runtime understands without transforming again.
  target: 'es2022',
  platform: 'neutral',
  external: ['k6', 'k6/*'],
  sourcemap: true,
  absWorkingDir: root,
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
    await rm(bundles, { recursive: true, force: true })
    await build({
      ...bundleSettings,
      entryPoints: scenarioNames.map((name) => path.join(scenarios, `${name}.ts`)),
      outdir: bundles,
    })
  },
}
