/** Says at once, and all together, what is missing or too old on this machine. */
import { execa } from 'execa'
import { Failure } from './failure.ts'

interface Tool {
  name: string
  command: [string, ...string[]]
  /** Least major and minor version; absent where any version does. */
  least?: [number, number]
  install: string
}

const tools: Tool[] = [
  { name: 'Go', command: ['go', 'env', 'GOVERSION'], least: [1, 25], install: 'https://go.dev/dl' },
  {
    name: 'Python',
    command: ['python3', '-c', 'import sys, venv, ensurepip; print("%d.%d" % sys.version_info[:2])'],
    least: [3, 11],
    install: 'https://www.python.org/downloads (on Debian also the package python3-venv)',
  },
  { name: 'a C compiler', command: ['cc', '--version'], install: 'gcc or clang (Debian: build-essential)' },
  { name: 'make', command: ['make', '--version'], install: 'make (Debian: build-essential)' },
]

async function complaint({
  name,
  command: [file, ...args],
  least,
  install,
}: Tool): Promise<string | undefined> {
  const done = await execa(file, args, { reject: false, stdin: 'ignore' })
  if (done.failed) return `${name} is missing (\`${file}\` was not found or failed): install ${install}`
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(String(done.stdout)) ?? []).slice(1).map(Number)
  if (least && (major < least[0] || (major === least[0] && minor < least[1])))
    return `${name} ${major}.${minor} is too old, ${least.join('.')} or newer is needed: ${install}`
  return undefined
}

/** @throws {Failure} listing every tool that is missing or too old */
export async function checkPrerequisites(): Promise<void> {
  const complaints = (await Promise.all(tools.map(complaint))).filter((line) => line !== undefined)
  if (complaints.length > 0)
    throw new Failure(`This machine is not ready:\n${complaints.map((line) => `  - ${line}`).join('\n')}`)
}
