import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { run } from './command.ts'
import { goEnvironment } from './go.ts'

let folder: string | undefined
afterEach(async () => {
  vi.unstubAllEnvs()
  if (folder) await rm(folder, { recursive: true })
  folder = undefined
})

test('of what `go env -w` keeps only where modules are reaches a build', async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'go '))
  const file = path.join(folder, 'env')
  const kept = {
    ...{ GOPROXY: 'https://modules.example', GOPRIVATE: 'private.example', GOTOOLCHAIN: 'local' },
    ...{ CGO_ENABLED: '0', GOOS: 'plan9', GOARCH: 'mips', GOFLAGS: '-race', GOWORK: '/x', GODEBUG: 'x=1' },
  }
  await writeFile(
    file,
    Object.entries(kept)
      .map((each) => `${each.join('=')}\n`)
      .join(''),
  )
  for (const [name] of Object.entries(kept)) vi.stubEnv(name, undefined)
  const names = Object.keys(kept)
  const asked = async () =>
    JSON.parse(
      await run('go', ['env', '-json', ...names], { env: await goEnvironment(), passed: ['go'] }),
    ) as Record<string, string>
  vi.stubEnv('GOENV', path.join(folder, 'none'))
  const without = await asked()
  vi.stubEnv('GOENV', file)
  const { GOPROXY, GOPRIVATE, GOTOOLCHAIN } = kept
  expect(await asked()).toEqual({ ...without, GOPROXY, GOPRIVATE, GOTOOLCHAIN })
  expect(without.GOOS).not.toBe('plan9')
})
