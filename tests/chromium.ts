/** The browser that looks at the report: one that is installed, or on a CI machine of Debian's kind its package. */
import { spawnSync } from 'node:child_process'
import { execa } from 'execa'
import { messageOf } from '../build/failure.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

export const howToGetChromium = 'install one, or name it in CHROMIUM'

function installed(): string | undefined {
  const given = process.env.CHROMIUM
  for (const name of [...(given ? [given] : []), ...names]) {
    const file = String(spawnSync('sh', ['-c', 'command -v "$0"', name]).stdout).trim()
    if (file && spawnSync(file, ['--version']).status === 0) return file
  }
  return undefined
}

/** Only where CI says so, and it may: on people's machines nothing outside the checkout is touched. */
const mayInstall = () =>
  Boolean(process.env.CI) && process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0

/** @returns the program's path; undefined where there is none */
export async function findChromium(signal: AbortSignal): Promise<string | undefined> {
  const found = installed()
  if (found || !mayInstall()) return found
  process.stdout.write('Installing the package chromium\n')
  try {
    for (const args of [
      ['update'],
      ['install', '--yes', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'],
    ])
      await execa('apt-get', ['-q', ...args], {
        env: { DEBIAN_FRONTEND: 'noninteractive' },
        stdin: 'ignore',
        cancelSignal: signal,
        timeout: 300_000,
      })
  } catch (error) {
    signal.throwIfAborted()
    process.stdout.write(`apt-get failed: ${messageOf(error)}\n`)
  }
  return installed()
}
