/** Mutants of Go, by Gremlins. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../../build/command.ts'
import { goEnvironment } from '../../build/go.ts'
import { inCache, root } from '../../build/paths.ts'
import { type Mutant, short } from './mutant.ts'
import type { Room } from './rooms.ts'

const tool = 'github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0'

/** Those that it does not make of itself. */
const more = [
  '--invert-assignments',
  '--invert-bitwise',
  '--invert-bwassign',
  '--invert-logical',
  '--invert-loopctrl',
  '--remove-self-assignments',
]

interface Report {
  files: {
    file_name: string
    mutations: { line: number; column: number; type: string; status: string }[]
  }[]
}

export async function gremlins({ name }: Room, only?: string): Promise<Mutant[]> {
  const module = path.join(root, name.split('/')[0] as string)
  const folder = path.relative(module, path.join(root, name))
  const output = inCache('mutants', 'gremlins.json')
  await mkdir(path.dirname(output), { recursive: true })
  const others = only
    ? (await readdir(path.join(root, name)))
        .filter((file) => file !== path.basename(only))
        .flatMap((file) => ['--exclude-files', `${file.replaceAll('.', '\\.')}$`])
    : []
  await run(
    'go',
    [
      ...['run', tool, 'unleash', `./${folder}`, ...more, ...others],
      ...['--workers', '1', '--timeout-coefficient', '10', '--output', output],
    ],
    { cwd: module, env: await goEnvironment(), onLine: (line) => process.stdout.write(`${line}\n`) },
  )
  const report = JSON.parse(await readFile(output, 'utf8')) as Report
  const mutants: Mutant[] = []
  for (const { file_name, mutations } of report.files) {
    const file = path.join(name, file_name)
    const lines = (await readFile(path.join(root, file), 'utf8')).split('\n')
    for (const { line, column, type, status } of mutations) {
      if (status === 'NOT VIABLE') continue
      const whole = lines[line - 1] ?? ''
      mutants.push({
        file,
        line,
        code: whole.trim(),
        change: `${type} at \`${short(whole.slice(column - 1))}\``,
        killed: status === 'KILLED' || status === 'TIMED OUT',
      })
    }
  }
  return mutants
}
