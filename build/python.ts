/** The virtual environment: one pinned requirements file for Postgres, libxgboost, the service and its tests. */
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { run } from './command.ts'
import { Failure } from './failure.ts'
import { sha256File } from './fingerprint.ts'
import { inCache, python, root, shown, venv } from './paths.ts'
import { patience } from './patience.ts'
import type { Step, StepContext } from './step.ts'

const requirements = path.join(root, 'targets', 'python', 'requirements.txt')
const requirementsOfTraining = path.join(root, 'targets', 'python', 'requirements-training.txt')

export const pythonEnvironment: Step = {
  title: 'Install the Python environment',
  name: 'python',
  inputs: async () => ({
    requirements: await sha256File(requirements),
    python: await run('python3', ['-c', 'import sys; print(sys.version, sys.platform)'], { limit: patience }),
    place: venv, // a virtual environment holds absolute paths, so a moved checkout needs a new one
  }),
  outputs: [python],
  work: async (context) => {
    await rm(venv, { recursive: true, force: true })
    await run('python3', ['-m', 'venv', venv], { signal: context.signal })
    await install(requirements, context)
  },
}

/** What `train` alone needs, in the same environment; the step can be described only once that is there. */
export async function trainingPackages(): Promise<Step> {
  const installed = path.join(path.dirname(await sitePackage('xgboost')), 'pyarrow')
  return {
    title: 'Install what reads rows for training',
    name: 'python-training',
    inputs: async () => ({ requirements: await sha256File(requirementsOfTraining), place: venv }),
    outputs: [installed],
    work: (context) => install(requirementsOfTraining, context),
  }
}

async function install(file: string, { progress, signal }: StepContext): Promise<void> {
  await run(
    python,
    ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar=off', '-r', file],
    {
      signal,
      passed: ['pip'],
      env: { PIP_CACHE_DIR: process.env.PIP_CACHE_DIR || inCache('pip') },
      onLine: (line) => {
        const said = /^(Collecting|Downloading|Installing)\s+(\S+)/.exec(line)
        if (said) progress(`${said[1]} ${path.basename(said[2] ?? '')}`)
      },
      hint: 'Packages come from the index that pip is set up with; check the network and `pip config list`.',
    },
  )
}

/** Folder of an installed package, without starting Python. */
export async function sitePackage(name: string): Promise<string> {
  const libraries = path.join(venv, 'lib')
  for (const version of await readdir(libraries).catch(() => [])) {
    const place = path.join(libraries, version, 'site-packages', name)
    if (existsSync(place)) return place
  }
  throw new Failure(
    `${name} is not in ${shown(venv)}: the Python environment is incomplete`,
    'Delete that folder, so that it is installed anew',
  )
}

/** The packaged PostgreSQL's folder: `bin/`, `lib/`, `share/`. */
export const postgresInstallation = async () => path.join(await sitePackage('embedded_postgres'), 'pginstall')

/** The library that both targets predict with. */
export async function xgboostLibrary(): Promise<string> {
  const extension = process.platform === 'darwin' ? 'dylib' : 'so'
  return path.join(await sitePackage('xgboost'), 'lib', `libxgboost.${extension}`)
}
