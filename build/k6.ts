/** bin/k6: k6 with xk6-sql, our driver, clock and recorder, built from the pinned module in extension-sql/. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { run } from './command.ts'
import { fingerprintOf } from './fingerprint.ts'
import { inCache, k6Binary, root } from './paths.ts'
import type { Step } from './step.ts'

const extension = path.join(root, 'extension-sql')

/** Go's caches live in the checkout too, unless the user has said where they are. */
export const goEnvironment = (): Record<string, string> => ({
  GOCACHE: process.env.GOCACHE || inCache('go', 'build'),
  GOMODCACHE: process.env.GOMODCACHE || inCache('go', 'mod'),
  // Modules are unpacked read-only by default, and then the checkout could not simply be deleted.
  // The same flags for building and testing, so that the tests need not compile k6 once more.
  GOFLAGS: `${process.env.GOFLAGS ?? ''} -modcacherw -mod=readonly -buildvcs=false -trimpath`.trim(),
})

export const k6: Step = {
  title: 'Build bin/k6',
  name: 'k6',
  inputs: async () => ({
    sources: await fingerprintOf(extension, extension),
    go: await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH']),
  }),
  outputs: [k6Binary],
  work: async ({ progress, signal }) => {
    await mkdir(path.dirname(k6Binary), { recursive: true })
    const packages = { downloaded: 0, compiled: 0 }
    await run('go', ['build', '-v', '-ldflags=-s -w', '-o', k6Binary, '.'], {
      cwd: extension,
      env: goEnvironment(),
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
