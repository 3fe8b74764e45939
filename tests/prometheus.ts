/** A real Prometheus for k6 to write to: one that is installed, or on a CI machine Debian's package, unpacked in .cache/tests. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { inCache } from '../build/paths.ts'
import { probe } from '../build/probe.ts'
import { boundToParent, type Server, startOnPort } from '../targets/server.ts'

const home = inCache('tests', 'prometheus')

/** Nothing is installed: the package holds a program that needs the C library alone. */
async function unpacked(): Promise<string | undefined> {
  const program = path.join(home, 'package', 'usr', 'bin', 'prometheus')
  if (existsSync(program)) return program
  await mkdir(home, { recursive: true })
  try {
    const download = () => execa('apt-get', ['-q', 'download', 'prometheus'], { cwd: home, timeout: 120_000 })
    // The list of packages may be older than what the mirror has.
    await download().catch(() => execa('apt-get', ['-q', 'update'], { timeout: 120_000 }).then(download))
    const file = (await readdir(home)).find((name) => name.endsWith('.deb'))
    await execa('dpkg-deb', ['-x', path.join(home, file ?? ''), path.join(home, 'package')])
    return program
  } catch {
    return undefined
  }
}

/** @returns the program; undefined where there is none and none may be had */
export async function findPrometheus(): Promise<string | undefined> {
  if (probe('prometheus', '--version') !== undefined) return 'prometheus'
  return process.env.CI ? unpacked() : undefined
}

export interface Prometheus extends Server {
  url: string
}

/** An empty one on a free loopback port, which takes what is written to it. */
export async function startPrometheus(program: string): Promise<Prometheus> {
  const data = path.join(home, 'data')
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { recursive: true })
  const configuration = path.join(home, 'prometheus.yml')
  await writeFile(configuration, 'scrape_configs: []\n')
  const address = (port: number) => `127.0.0.1:${port}`
  const server = await startOnPort(undefined, (port) => ({
    name: 'Prometheus',
    command: boundToParent(
      [
        program,
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${data}`,
        `--web.listen-address=${address(port)}`,
        '--web.enable-remote-write-receiver',
      ],
      'SIGTERM',
    ),
    log: path.join(home, 'server.log'),
    stopSignal: 'SIGTERM',
    ready: async () => {
      try {
        return (await fetch(`http://${address(port)}/-/ready`)).ok
      } catch {
        return false
      }
    },
  }))
  return { ...server, url: `http://${address(server.port)}/` }
}
