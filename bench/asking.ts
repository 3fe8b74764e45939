/** The script that asks one question after the other (bench/script/ask.ts), as these programs run it. */
import path from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundleSettings } from '../build/bundles.ts'
import { inCache, root } from '../build/paths.ts'
import { turnLength } from '../workload/turns.ts'

export const scriptBundle = inCache('bench', 'ask.js')

/** Who is stopped in the middle of a request has its answer late: that is no failure here. */
const patient: Plugin = {
  name: 'patient',
  setup: ({ onLoad }) =>
    onLoad({ filter: /build[\\/]patience\.ts$/ }, () => ({ contents: 'export const patience = 600' })),
}

export const bundleScript = () =>
  build({
    ...bundleSettings,
    plugins: [patient],
    entryPoints: [path.join(root, 'bench', 'script', 'ask.ts')],
    outfile: scriptBundle,
  })

/** Milliseconds of a turn: a comparison's own, but with few clients, where so many stops a second would be felt. */
export const turnOf = (clients: number) => Math.max(100, turnLength(clients))

/** Of k6. */
export const flags = ['--summary-mode=disabled', '--no-thresholds']
