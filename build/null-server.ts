/** bin/null-server: answers a constant to every question, for what the client costs by itself. */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { run } from './command.ts'
import { fingerprintOf } from './fingerprint.ts'
import { goEnvironment } from './k6.ts'
import { nullServerBinary, root } from './paths.ts'
import type { Step } from './step.ts'

const extension = path.join(root, 'extension-sql')

export const nullServer: Step = {
  title: 'Build bin/null-server',
  name: 'null-server',
  inputs: async () => ({
    sources: await fingerprintOf(
      extension,
      path.join(extension, 'nullserver'),
      path.join(extension, 'go.mod'),
      path.join(extension, 'go.sum'),
    ),
    go: await run('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH']),
  }),
  outputs: [nullServerBinary],
  work: async ({ signal }) => {
    await mkdir(path.dirname(nullServerBinary), { recursive: true })
    await run('go', ['build', '-ldflags=-s -w', '-o', nullServerBinary, './nullserver'], {
      cwd: extension,
      env: goEnvironment(),
      signal,
    })
  },
}
