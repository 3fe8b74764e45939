/** `inference-gap init`: writes a workload to begin with, its keys, its thresholds and a job for CI into the folder where it is called. */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { BadInput, reasonOf } from '../build/failure.ts'
import { root } from '../build/paths.ts'
import { pairName } from '../gap/bounds.ts'
import { nameForm, namePattern } from '../workload/schema.ts'
import type { Side } from '../workload/workload.ts'
import { exitCode } from './exit-codes.ts'
import { Interrupted } from './interrupt.ts'
import { addressForms } from './targets.ts'

export type Protocol = Side['protocol']

export interface InitOptions {
  /** How each side is spoken to, the last one last; absent: asked. */
  sides?: Protocol[]
  /** Of the workload; absent: asked, or the folder's own. */
  name?: string
}

/** Where somebody is asked what no option says. */
export interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream & { isTTY?: boolean }
}

/** What a side is called as long as its user has no better name. */
const nouns: Record<Protocol, string> = { sql: 'database', http: 'service' }

export const usual: [string, Protocol[]][] = [
  ['a database (SQL) against a service (HTTP)', ['sql', 'http']],
  ['a database against another one', ['sql', 'sql']],
  ['a service against another one', ['http', 'http']],
  ['one database, alone', ['sql']],
  ['one service, alone', ['http']],
]

interface NewSide {
  protocol: Protocol
  name: string
  variable: string
}

/** Several of a kind are numbered. */
function named(sides: readonly Protocol[]): NewSide[] {
  return sides.map((protocol, index) => {
    const isAlone = sides.filter((each) => each === protocol).length === 1
    const number = sides.slice(0, index + 1).filter((each) => each === protocol).length
    const name = isAlone ? nouns[protocol] : `${nouns[protocol]}-${number}`
    return { protocol, name, variable: `${name.toUpperCase().replaceAll('-', '_')}_URL` }
  })
}

const template = (name: string) => readFile(path.join(root, 'cli', 'templates', `${name}.txt`), 'utf8')

const filled = (text: string, values: Readonly<Record<string, string>>) =>
  text.replace(/<<(\w+)>>/g, (_, name: string) => values[name] ?? '')

/** Low enough that a first run passes; whoever knows what to expect raises them. */
function thresholdsOf(sides: readonly NewSide[], schema: string): string {
  const last = sides.at(-1) as NewSide
  const others = sides.slice(0, -1)
  const gap = { minLatencyRatio: { p50: 0.1 }, minTpsRatio: 0.1 }
  const gaps =
    others.length > 1 ? Object.fromEntries(others.map(({ name }) => [pairName(name, last.name), gap])) : gap
  return `${JSON.stringify(
    {
      $schema: schema,
      ...Object.fromEntries(
        sides.map(({ name }) => [name, { clients: 1, maxLatencyMs: { p99: 1000 }, maxFailureRate: 0 }]),
      ),
      ...(others.length > 0 && { gap: gaps }),
    },
    null,
    2,
  )}\n`
}

/** As an editor finds it from the folder: by its name where it is a dependency there. */
function schemaFrom(folder: string): string {
  const file = path.join('schema', 'thresholds.schema.json')
  const installed = path.join('node_modules', 'inference-gap', file)
  const from = existsSync(path.join(folder, installed))
    ? installed
    : path.relative(folder, path.join(root, file))
  return from.startsWith('..') ? from : `./${from}`
}

/** Each file's text by its name. */
export async function filesOf(
  sides: readonly Protocol[],
  name: string,
  folder: string,
): Promise<Record<string, string>> {
  const all = named(sides)
  const declared = await Promise.all(
    all.map(async ({ protocol, ...values }) =>
      filled(await template(protocol), { ...values, form: addressForms[protocol] }).trimEnd(),
    ),
  )
  return {
    'workload.ts': filled(await template('workload'), {
      name,
      functions: [...new Set(sides)].sort().join(', '),
      sides: declared.join('\n'),
    }),
    'keys.csv': 'customer_id\n1\n2\n3\n',
    'thresholds.json': thresholdsOf(all, schemaFrom(folder)),
    [path.join('.github', 'workflows', 'inference-gap.yml')]: filled(await template('workflow'), {
      variables: all.map(({ variable }) => `      ${variable}: \${{ secrets.${variable} }}`).join('\n'),
    }),
  }
}

/** All of them or none. @throws {BadInput} naming those that are there already */
async function write(files: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const names = Object.keys(files)
  const there = names.filter((name) => existsSync(path.join(folder, name)))
  if (there.length > 0)
    throw new BadInput(
      `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} here already, and nothing was written`,
      'Move away what is here, or call init in another folder',
    )
  const written: string[] = []
  let name = ''
  try {
    for (const [each, text] of Object.entries(files)) {
      name = each
      const file = path.join(folder, name)
      const made = await mkdir(path.dirname(file), { recursive: true })
      if (made !== undefined) written.push(made)
      await writeFile(file, text, { flag: 'wx' })
      written.push(file)
    }
  } catch (error) {
    for (const each of written) await rm(each, { recursive: true, force: true })
    throw new BadInput(
      `${name} cannot be written, so that nothing was written: ${reasonOf(error)}`,
      'Move away what is in its place, make room, or call init in another folder',
    )
  }
}

/** What stands in the name of a folder and may stand in that of a workload, as far as that goes. */
const ofFolder = (folder: string) =>
  path
    .basename(folder)
    .replace(/[^\w-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 60)
    .replace(/-+$/, '') || 'workload'

/** Ctrl-C at a question ends the command as it does anywhere. */
async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    throw error instanceof Error && error.name === 'ExitPromptError' ? new Interrupted('SIGINT') : error
  }
}

/** @throws {BadInput} where nobody can be asked */
async function asked(
  { sides, name }: InitOptions,
  folder: string,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Required<InitOptions>> {
  if (name !== undefined && !namePattern.test(name))
    throw new BadInput(`--name = ${JSON.stringify(name)}: expected ${nameForm}`, 'For example: --name churn')
  if (sides) return { sides, name: name ?? ofFolder(folder) }
  if (!terminal.input.isTTY || !terminal.output.isTTY)
    throw new BadInput(
      '--sides is missing, and without a terminal nobody can be asked',
      `Say how the sides are spoken to, the last one being what the others are compared with: npx inference-gap init --sides sql,http`,
    )
  const [{ default: input }, { default: select }] = await Promise.all([
    import('@inquirer/input'),
    import('@inquirer/select'),
  ])
  const context = { ...terminal, signal }
  const choices = usual.map(([label, value]) => ({ name: label, value }))
  const chosen = await answered(select({ message: 'What is compared?', choices }, context))
  if (name !== undefined) return { sides: chosen, name }
  const question = {
    message: 'What is it called?',
    default: ofFolder(folder),
    validate: (given: string) => namePattern.test(given) || `Expected ${nameForm}`,
  }
  return { sides: chosen, name: await answered(input(question, context)) }
}

export async function init(
  options: InitOptions,
  signal: AbortSignal,
  folder = process.cwd(),
  terminal: Terminal = { input: process.stdin, output: process.stdout },
): Promise<number> {
  const { sides, name } = await asked(options, folder, signal, terminal)
  const files = await filesOf(sides, name, folder)
  await write(files, folder)
  const addresses = named(sides).map(
    ({ variable, protocol }) => `  export ${variable}='${addressForms[protocol]}'`,
  )
  process.stdout.write(
    `${[
      ...Object.keys(files).map((file) => `wrote ${file}`),
      '',
      'Next: say in workload.ts what is asked, put keys that all sides know into keys.csv, then',
      ...addresses,
      '  npx inference-gap check --workload workload.ts',
    ].join('\n')}\n`,
  )
  return exitCode.pass
}
