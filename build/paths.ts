/**
 * Where everything lives. Two places: our sources, which are only read, and a home for all that is built, downloaded or measured.
 * In a checkout both are the same folder, so that deleting it removes everything. Installed as a dependency, the home is the project
 * of whoever calls: nothing is written below our own folder there.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** Our sources. */
export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))

/** The nearest folder with a package.json, as npm finds it; else the folder itself. */
function projectOf(folder: string): string {
  for (let each = folder; ; each = path.dirname(each)) {
    if (existsSync(path.join(each, 'package.json'))) return each
    if (each === path.dirname(each)) return folder
  }
}

export interface Places {
  cache: string
  /** Folder of the programs that are built. */
  programs: string
  bundles: string
  results: string
}

/**
 * @param sources where this project lies
 * @param from where it is called
 * @param said where the user wants all that is built and downloaded, INFERENCE_GAP_CACHE; counts from where it is called
 * @param left where the user wants what is measured, INFERENCE_GAP_RESULTS; likewise
 */
export function placesOf(sources: string, from: string, said?: string, left?: string): Places {
  const isInstalled = sources.split(path.sep).includes('node_modules')
  const home = isInstalled ? projectOf(from) : sources
  const results = left ? path.resolve(from, left) : path.join(home, 'results')
  if (!isInstalled && !said)
    return {
      cache: path.join(home, '.cache'),
      programs: path.join(home, 'bin'),
      bundles: path.join(home, 'dist'),
      results,
    }
  const cache = said ? path.resolve(from, said) : path.join(home, 'node_modules', '.cache', 'inference-gap')
  return {
    cache,
    programs: path.join(cache, 'bin'),
    bundles: path.join(cache, 'dist'),
    results,
  }
}

/** Where the user says what, by variable. */
const { INFERENCE_GAP_CACHE, INFERENCE_GAP_RESULTS } = process.env
const places = placesOf(root, process.cwd(), INFERENCE_GAP_CACHE, INFERENCE_GAP_RESULTS)

export const { cache, bundles, results } = places
/** Folders that we make and fill. */
export const ours = [places.programs, bundles, cache]
export const inCache = (...parts: string[]) => path.join(cache, ...parts)

export const k6Binary = path.join(places.programs, 'k6')
export const nullServerBinary = path.join(places.programs, 'null-server')
export const distanceBinary = path.join(places.programs, 'distance')
/** Of the workload that comes with the project. */
export const thresholdsFile = path.join(root, 'thresholds.json')
export const flightKeysFile = inCache('datasets', 'nycflights13', 'keys.json')

/** The one virtual environment: Postgres, libxgboost, the service and its tests come from it. */
export const venv = inCache('python')
export const python = path.join(venv, 'bin', 'python')

/** A path as people read it: relative to where they are when that is shorter. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative && relative.length < file.length ? relative : file
}
