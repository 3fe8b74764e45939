/** Where everything lives. All that is built, downloaded or measured stays inside the checkout. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

const at = (...parts: string[]) => path.join(root, ...parts)

export const cache = at('.cache')
export const inCache = (...parts: string[]) => path.join(cache, ...parts)

export const k6Binary = at('bin', 'k6')
export const nullServerBinary = at('bin', 'null-server')
export const bundles = at('dist')
export const results = at('results')
export const thresholdsFile = at('thresholds.json')

/** The one virtual environment: Postgres, libxgboost, the service and its tests come from it. */
export const venv = inCache('python')
export const python = path.join(venv, 'bin', 'python')

/** A path as people read it: relative to where they are when that is shorter. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative && relative.length < file.length ? relative : file
}
