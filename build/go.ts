/** A Go program as a step of the set-up: built by what the go command is given, again when sources or Go change. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { run } from './command.ts'
import { fingerprintOf } from './fingerprint.ts'
import { inCache } from './paths.ts'
import { patience } from './patience.ts'
import type { Step } from './step.ts'

/** Of what `go env -w` keeps in a file of the user's: where modules and Go itself come from. */
const sources = [
  ...['GOPROXY', 'GOPRIVATE', 'GONOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOINSECURE', 'GOAUTH', 'GOVCS'],
  'GOTOOLCHAIN',
]

/** All else in that file stays outside: GOAMD64, GOEXPERIMENT or CGO_ENABLED would make another program. */
async function sourcesAsSetUp(): Promise<Record<string, string>> {
  const told = await run('go', ['env', '-json', ...sources], { passed: ['go'], limit: patience })
  const given = Object.entries(JSON.parse(told) as Record<string, string>)
  return Object.fromEntries(given.filter(([, value]) => value !== ''))
}

/** Go's caches live in the checkout too, unless the user has said where they are. */
export const goEnvironment = async (): Promise<Record<string, string>> => ({
  ...(await sourcesAsSetUp()),
  GOENV: 'off',
  GOCACHE: process.env.GOCACHE || inCache('go', 'build'),
  GOMODCACHE: process.env.GOMODCACHE || inCache('go', 'mod'),
  // Modules are unpacked read-only by default, and then the checkout could not simply be deleted.
  // The same flags for building and testing, so that the tests need not compile k6 once more.
  GOFLAGS: '-modcacherw -mod=readonly -buildvcs=false -trimpath',
  // A workspace in a folder above is somebody else's.
  GOWORK: 'off',
})

export interface GoProgram {
  title: string
  /** File name of the step's stamp. */
  name: string
  /** Folder of the Go module. */
  module: string
  /** Files and folders that it is made from; absent: all of the module. */
  sources?: string[]
  /** Of the module; absent: its root. */
  package?: string
  flags?: string[]
  binary: string
}

export function goProgram(program: GoProgram): Step {
  const { title, name, module, sources: made = [module], package: from = '.', flags = [], binary } = program
  return {
    title,
    name,
    inputs: async () => ({
      sources: await fingerprintOf(module, ...made),
      go: await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], {
        env: await goEnvironment(),
        passed: ['go'],
        limit: patience,
      }),
    }),
    outputs: [binary],
    work: async ({ progress, signal }) => {
      await mkdir(path.dirname(binary), { recursive: true })
      const packages = { downloaded: 0, compiled: 0 }
      await run('go', ['build', '-v', ...flags, '-ldflags=-s -w', '-o', binary, from], {
        cwd: module,
        env: await goEnvironment(),
        passed: ['go'],
        // Go itself would wait for ever for a proxy that is silent.
        silence: 300,
        signal,
        onLine: (line) => {
          if (line.startsWith('go: downloading')) packages.downloaded++
          else packages.compiled++
          progress(`${packages.downloaded} modules downloaded, ${packages.compiled} packages compiled`)
        },
        hint: 'Modules come through the proxy that `go env GOPROXY` names; check the network.',
      })
    },
  }
}
