/** Versions of libxgboost as pip has them, each called in the same ways. */
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../../build/command.ts'
import { inCache, python, root } from '../../build/paths.ts'
import { type Figure, inTurns, Program, type Rounds, type Way } from './ways.ts'

/** What bench/predict/library.c calls them, and what they are. */
const ways = {
  copied: "copied into a matrix of its own, PostgresML's calls",
  dense: 'where it lies, nothing kept',
  proxy: "where it lies, the matrix kept, pgml's calls",
}

const folder = inCache('bench', 'libraries')

/** The wheel without GPUs begins with 2.1.1; what is older has some hundred megabytes. */
const packageOf = (version: string) => {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const hasSmall = (major * 100 + minor) * 100 + patch >= 20_101
  return process.platform === 'linux' && hasSmall ? 'xgboost-cpu' : 'xgboost'
}

async function libraryOf(version: string): Promise<string> {
  const place = path.join(folder, version)
  const library = path.join(
    place,
    'xgboost',
    'lib',
    `libxgboost.${process.platform === 'darwin' ? 'dylib' : 'so'}`,
  )
  if (!existsSync(library))
    await run(
      python,
      [
        ...['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar=off', '--no-deps'],
        ...['--target', place, `${packageOf(version)}==${version}`],
      ],
      { passed: ['pip'], hint: '`pip index versions xgboost-cpu` lists the versions that there are' },
    )
  return library
}

/** Newer versions write a model's base score as an array, which older ones do not read. */
const readable = `
import json, sys, xgboost
model = json.loads(xgboost.Booster(model_file=sys.argv[1]).save_raw("json"))
parameters = model["learner"]["learner_model_param"]
parameters["base_score"] = parameters["base_score"].strip("[]")
json.dump(model, open(sys.argv[2], "w"))
`

export interface Asked {
  /** Files. */
  model: string
  rows: string
  features: number
}

/** @returns figures of each version, by way, and whether all gave the same bits */
export async function libraries(
  versions: readonly string[],
  { model, rows, features }: Asked,
  rounds: Rounds,
): Promise<{ figures: Figure[]; areSame: boolean }> {
  const found = await Promise.all(versions.map(libraryOf))
  await mkdir(folder, { recursive: true })
  const [script, program, json] = ['readable.py', 'library', 'model.json'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string]
  await writeFile(script, readable)
  await run(python, [script, model, json])
  await run('cc', ['-O2', '-o', program, path.join(root, 'bench', 'predict', 'library.c'), '-ldl', '-lm'], {
    passed: ['compiler'],
  })
  // As PostgresML's own setting has it; a row of its own needs no second thread.
  const programs = found.map(
    (library) => new Program(program, [library, json, rows, String(features)], { OMP_NUM_THREADS: '1' }),
  )
  try {
    const all: Way[] = []
    for (const each of programs) {
      const version = await each.line()
      for (const [name, words] of Object.entries(ways))
        all.push({ name: `${version}, ${words}`, predict: each.way(name) })
    }
    return await inTurns(all, rounds)
  } finally {
    await Promise.all(programs.map((each) => each.stop()))
  }
}
