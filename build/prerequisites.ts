/** Says at once, and all together, what is missing or too old on this machine. */
import { ran } from './command.ts'
import type { Passed } from './environment.ts'
import { Failure } from './failure.ts'
import { patience } from './patience.ts'

interface Tool {
  name: string
  command: [string, ...string[]]
  passed?: readonly Passed[]
  /** Least major and minor version; absent where any version does. */
  least?: [number, number]
  install: string
}

const tools: Tool[] = [
  {
    name: 'Go',
    command: ['go', 'env', 'GOVERSION'],
    passed: ['go'],
    least: [1, 25],
    install: 'https://go.dev/dl',
  },
  {
    name: 'Python',
    command: ['python3', '-c', 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'],
    least: [3, 11],
    install: 'https://www.python.org/downloads (on Debian also the package python3-venv)',
  },
  { name: 'a C compiler', command: ['cc', '--version'], install: 'gcc or clang (Debian: build-essential)' },
  { name: 'make', command: ['make', '--version'], install: 'make (Debian: build-essential)' },
]

async function complaint(
  { name, command: [file, ...args], passed = [], least, install }: Tool,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { code, how, stdout } = await ran(file, args, { passed, limit: patience, signal })
  if (code !== 0) return `${name} is missing (\`${file}\` ${how ?? 'failed'}): install ${install}`
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(stdout) ?? []).slice(1).map(Number)
  if (least && (major < least[0] || (major === least[0] && minor < least[1])))
    return `${name} ${major}.${minor} is too old, ${least.join('.')} or newer is needed: ${install}`
  return undefined
}

/**
 * @param needed names of the tools; absent: all, which the embedded targets need
 * @throws {Failure} listing every tool that is missing or too old
 */
export async function checkPrerequisites(signal?: AbortSignal, needed?: readonly string[]): Promise<void> {
  const wanted = tools.filter(({ name }) => needed?.includes(name) ?? true)
  const complaints = (await Promise.all(wanted.map((tool) => complaint(tool, signal)))).filter(
    (line) => line !== undefined,
  )
  if (complaints.length > 0)
    throw new Failure(`This machine is not ready:\n${complaints.map((line) => `  - ${line}`).join('\n')}`)
}
