/**
 * A workload file as Node has it: bundled by esbuild, as k6 gets it, then evaluated and checked. What it names (a query's text,
 * its keys, its thresholds) lies beside it.
 */
import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { type BuildFailure, build, type Message } from 'esbuild'
import { inLines, type Misfit } from '../workload/misfit.ts'
import { type ResolvedWorkload, resolved } from '../workload/resolve.ts'
import { workloadSchema } from '../workload/schema.ts'
import { shortened } from '../workload/shortened.ts'
import type { Given, Side, Variables } from '../workload/workload.ts'
import { BadInput, messageOf } from './failure.ts'
import { sha256 } from './fingerprint.ts'
import { inCache, root, shown } from './paths.ts'
import { writeWhole } from './place.ts'
import { endable, endableModule } from './signals.ts'
import { misfitsOf, readBytes, textOf } from './user-file.ts'

/** What a workload imports its functions from: this project's own file, wherever the workload lies. */
export const workloadAlias = { 'inference-gap': path.join(root, 'workload', 'workload.ts') }

/** The workload that comes with the project. */
export const flightsFile = path.join(root, 'workload', 'flights.ts')

export interface LoadedWorkload extends ResolvedWorkload {
  /** Absolute. */
  file: string
  /** Texts of the files that it names as queries, by the name that it gives them. */
  texts: Record<string, string>
  /** Names of the environment variables that it looks at by itself, so that k6 is given them, too. */
  reads: readonly string[]
  /** SHA-256 of all that it consists of. */
  digest: string
}

/** A path that the workload names, from where the workload lies. */
export const beside = ({ file }: Pick<LoadedWorkload, 'file'>, name: string) =>
  path.resolve(path.dirname(file), name)

const place = ({ text, location }: Message) =>
  location
    ? `${shown(path.resolve(root, location.file))}:${location.line}:${location.column + 1}: ${text}`
    : text

async function bundled(file: string): Promise<string> {
  // What esbuild would say of the file itself is about its own way to look for it.
  await readBytes({
    file,
    most: 1e7,
    hint: 'Name the workload by --workload; npx inference-gap init writes one to begin with',
  })
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      alias: workloadAlias,
      sourcemap: 'inline',
      absWorkingDir: root,
      logLevel: 'silent',
    })
    return outputFiles[0]?.text ?? ''
  } catch (error) {
    const { errors = [] } = error as Partial<BuildFailure>
    throw new BadInput(
      `${shown(file)} cannot be bundled:\n${errors.map((each) => `  - ${place(each)}`).join('\n') || messageOf(error)}`,
      'A workload is read by k6, too: it imports from inference-gap and from files beside it, and nothing of Node or of k6',
    )
  }
}

/** What a workload throws: it may be long, and may repeat what the environment holds. */
const thrown = (error: unknown) => shortened(messageOf(error).replace(/\s+/g, ' '), 300)

/** Seconds. Whoever waits for what does not come would otherwise end without a word. */
const mostOfEvaluation = 60

/** Evaluates the bundle. */
async function evaluated(file: string, code: string): Promise<{ default?: unknown }> {
  // Of this process alone: it is gone once it is read, and another command may read its own at this moment.
  const made = inCache('workloads', `${sha256(code).slice(0, 16)}-${process.pid}.mjs`)
  await mkdir(path.dirname(made), { recursive: true })
  await writeWhole(made, endableModule + code)
  const ended = new AbortController()
  const limit = sleep(mostOfEvaluation * 1000, undefined, { signal: ended.signal }).then(() => {
    throw new Error(`it has not ended after ${mostOfEvaluation} s`)
  })
  try {
    return await Promise.race([import(pathToFileURL(made).href), limit])
  } catch (error) {
    throw new BadInput(`${shown(file)} cannot be evaluated: ${thrown(error)}`, 'Correct the file')
  } finally {
    ended.abort()
    await limit.catch(() => {})
    // At once: what a workload exports may be a promise that has failed, and nobody has looked at it yet.
    rmSync(made, { force: true })
  }
}

/** Environment variables that note which of them somebody looks at, or for. */
function noting(variables: Variables, looked: Set<string>): Variables {
  const noted =
    <Result>(look: (of: Variables, name: string) => Result) =>
    (of: Variables, name: string | symbol) => {
      if (typeof name !== 'string') return undefined
      looked.add(name)
      return look(of, name)
    }
  const has = noted(Reflect.has)
  return new Proxy(variables, {
    get: noted((of, name) => of[name]),
    has: (of, name) => has(of, name) ?? false,
    getOwnPropertyDescriptor: noted(Reflect.getOwnPropertyDescriptor),
    // k6 has others, and would be given all of ours, its own options among them.
    ownKeys: () => {
      throw new TypeError(
        'it lists all variables, of which k6 has others; expected each to be read by its name',
      )
    },
  })
}

function defaultInWords(given: unknown): string {
  if (given === undefined) return 'no default'
  return given instanceof Promise ? 'a promise' : `a default that is ${shortened(given)}`
}

/** What it exports may be code, which is only run when it is looked at. @throws {BadInput} where that throws */
function misfitsIn(file: string, plain: unknown): Misfit[] {
  try {
    const parsed = endable(() => workloadSchema.safeParse(plain))
    return parsed.success ? [] : misfitsOf(parsed.error, plain)
  } catch (error) {
    throw new BadInput(`${shown(file)} throws when it is read: ${thrown(error)}`, 'Correct the file')
  }
}

function checked(
  file: string,
  given: unknown,
  variables: Variables,
): { workload: ResolvedWorkload; reads: string[] } {
  let plain: unknown = given
  const reads = new Set<string>()
  try {
    if (typeof given === 'function') plain = endable(() => given(noting(variables, reads)))
  } catch (error) {
    throw new BadInput(`${shown(file)}: its function throws: ${thrown(error)}`, 'Correct the file')
  }
  if (plain instanceof Promise) plain.catch(() => {})
  if (typeof plain !== 'object' || plain === null || plain instanceof Promise)
    throw new BadInput(
      `${shown(file)} exports ${defaultInWords(plain)}; expected export default workload({ … })`,
      'npx inference-gap init writes one to begin with',
    )
  const misfits = misfitsIn(file, plain)
  if (misfits.length > 0)
    throw new BadInput(
      `${shown(file)} does not fit:\n${inLines(misfits)}`,
      'Correct the file; docs/workload.md lists what it may say',
    )
  return { workload: resolved(plain as Given, variables), reads: [...reads] }
}

/** Bytes. */
const mostOfQuery = 1e6

const namedFiles = ({ sides, beside, keys }: ResolvedWorkload): { file: string; by: string }[] => [
  ...[...sides, ...beside].flatMap((side: Side) =>
    side.protocol === 'sql'
      ? [
          { query: side.query, by: `the query of ${side.name}` },
          { query: side.batch?.query, by: `the query of ${side.name}'s batch` },
        ].flatMap(({ query, by }) => (typeof query === 'object' ? [{ file: query.file, by }] : []))
      : [],
  ),
  ...(typeof keys === 'object' && 'sql' in keys && typeof keys.sql === 'object'
    ? [{ file: keys.sql.file, by: 'keys' }]
    : []),
]

/** @throws {BadInput} naming file, path, value and what was expected */
export async function loadWorkload(
  given = flightsFile,
  variables: Variables = process.env,
): Promise<LoadedWorkload> {
  const file = path.resolve(given)
  const code = await bundled(file)
  const { workload, reads } = checked(file, (await evaluated(file, code)).default, variables)
  const texts: Record<string, string> = {}
  for (const { file: name, by } of namedFiles(workload)) {
    const from = beside({ file }, name)
    const hint = `It is to hold ${by}, as ${shown(file)} says; its path counts from there`
    const query = { file: from, most: mostOfQuery, hint }
    texts[name] = textOf(await readBytes(query), query).trim()
  }
  return { ...workload, file, texts, reads, digest: sha256(code + JSON.stringify(texts)) }
}

/** The text of a query, wherever it stands. */
export const queryText = (
  query: string | { file: string },
  texts: Readonly<Record<string, string>>,
): string => (typeof query === 'string' ? query : (texts[query.file] ?? ''))
