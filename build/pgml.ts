/** The C extension, compiled against the packaged Postgres and the wheel's libxgboost and installed beside that Postgres. */
import path from 'node:path'
import { run } from './command.ts'
import { fingerprintOf, sha256File } from './fingerprint.ts'
import { inCache, root } from './paths.ts'
import { postgresInstallation, xgboostLibrary } from './python.ts'
import type { Step } from './step.ts'

export const pgmlSources = path.join(root, 'targets', 'postgres', 'pgml')

/** What the extension is made from: the rest of its folder tests, measures and explains it. */
export const pgmlInputs = ['Makefile', 'pgml.control', 'sql', 'src'].map((name) =>
  path.join(pgmlSources, name),
)

/** What `make` needs to know, for building, installing and testing alike. */
export async function pgmlMakeArguments(): Promise<string[]> {
  return [
    '-C',
    pgmlSources,
    `PG_CONFIG=${path.join(await postgresInstallation(), 'bin', 'pg_config')}`,
    `XGBOOST_LIB=${await xgboostLibrary()}`,
    `BUILD=${inCache('pgml')}`,
  ]
}

/** The step can be described only once the Python environment is there. */
export async function pgml(): Promise<Step> {
  const installation = await postgresInstallation()
  return {
    title: 'Compile the Postgres extension',
    name: 'pgml',
    inputs: async () => ({
      sources: await fingerprintOf(pgmlSources, ...pgmlInputs),
      postgres: await sha256File(path.join(installation, 'bin', 'postgres')),
      xgboost: await sha256File(await xgboostLibrary()),
      place: installation, // the path of libxgboost is in the library
    }),
    outputs: [path.join(installation, 'share', 'extension', 'pgml.control')],
    work: async ({ signal }) => {
      await run('make', [...(await pgmlMakeArguments()), 'install'], { passed: ['compiler'], signal })
    },
  }
}
