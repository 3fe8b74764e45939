/** Follows an example's README: its commands as they stand there, with addresses in the environment and short blocks. */
import { cp, mkdir, readFile, realpath } from 'node:fs/promises'
import { connect } from 'node:net'
import path from 'node:path'
import { execa } from 'execa'
import { run } from '../build/command.ts'
import { sha256File } from '../build/fingerprint.ts'
import { inCache, root } from '../build/paths.ts'
import { postgresInstallation } from '../build/python.ts'
import { doStep, type Step } from '../build/step.ts'
import { freePort } from '../targets/port.ts'
import { boundToParent, type Server, startServer } from '../targets/server.ts'
import type { Ended } from './program.ts'
import { blocksOf, files } from './tree.ts'

export interface Command {
  /** As a reader types it. */
  line: string
  /** The exit code that the README promises. */
  code: number
}

export interface WalkThrough {
  /** Variables that the reader sets, with the README's values. */
  variables: Record<string, string>
  commands: Command[]
}

/** What the README of an example says. */
export function walkThrough(example: string): WalkThrough {
  const blocks = blocksOf(path.join('examples', example, 'README.md'))
  const lines = (of: string) =>
    blocks.flatMap(({ language, text }) => (language === of ? text.trim().split('\n') : []))
  return {
    variables: Object.fromEntries(
      lines('env').map((line) => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1)]
      }),
    ),
    commands: lines('sh').map((line) => ({
      line,
      code: Number(/# ends with (\d+)$/.exec(line)?.[1] ?? 0),
    })),
  }
}

/** One look: how many are needed is decided by the machine's noise. */
const short = '--sessions 1 --pairs 2 --block 1 --warmup 1 --looks 1'
const prelude = `npx() { if [ "$2" = compare ]; then command npx "$@" ${short}; else command npx "$@"; fi; }\n`

/** A copy of an example, where its commands run. */
export class Follower {
  readonly #env: Record<string, string>
  readonly #servers: Server[] = []

  private constructor(
    readonly example: string,
    readonly folder: string,
    env: Record<string, string>,
  ) {
    this.#env = env
  }

  /** @param databaseUrl of what stands for the reader's own Postgres */
  static async open(example: string, { variables }: WalkThrough, databaseUrl: string): Promise<Follower> {
    const place = inCache('tests', 'examples', example)
    await mkdir(place, { recursive: true })
    // A worker's cache shares it by a link; what a command says of its folder is told from where the folder really is.
    const folder = await realpath(place)
    // What commands make here stays from run to run, as an environment that is installed.
    const own = path.join('examples', example)
    for (const file of files.filter((each) => path.dirname(each) === own))
      await cp(path.join(root, file), path.join(folder, path.basename(file)))
    const env: Record<string, string> = {
      NO_COLOR: '1',
      GITHUB_STEP_SUMMARY: '',
      // `gate` takes the latest: of this walk, not of another file of tests.
      INFERENCE_GAP_RESULTS: 'results',
      // psql of the same version as the server.
      PATH: `${path.join(await postgresInstallation(), 'bin')}${path.delimiter}${process.env.PATH}`,
    }
    for (const [name, value] of Object.entries(variables))
      env[name] = value.startsWith('postgres:')
        ? databaseUrl
        : value.startsWith('http:')
          ? `http://127.0.0.1:${await freePort()}`
          : value
    return new Follower(example, folder, env)
  }

  /** A command that ends with `&` runs on, and is awaited until it listens. */
  async follow({ line }: Command): Promise<Ended> {
    const server = /^(.*\S)\s*&$/.exec(line)?.[1]
    if (server) return this.#start(server)
    if (line.startsWith('python3 -m venv')) return this.#install(line)
    const done = await execa('bash', ['-c', prelude + line], {
      cwd: this.folder,
      all: true,
      reject: false,
      stdin: 'ignore',
      timeout: 600_000,
      env: this.#env,
    })
    return { code: done.exitCode, output: String(done.all) }
  }

  /** An environment is installed once, as long as it is the same that is asked for. */
  async #install(line: string): Promise<Ended> {
    const requirements = path.join(this.folder, 'requirements.txt')
    const installed: Step = {
      title: `Install what ${this.example} needs`,
      name: `example-${this.example}`,
      inputs: async () => ({
        line,
        requirements: await sha256File(requirements),
        python: (await execa('python3', ['-c', 'import sys; print(sys.version, sys.platform)'])).stdout,
        place: this.folder,
      }),
      outputs: [path.join(this.folder, '.venv', 'bin', 'python')],
      work: async ({ signal }) => {
        await run('bash', ['-c', line], {
          cwd: this.folder,
          signal,
          passed: ['pip'],
          env: { PIP_CACHE_DIR: process.env.PIP_CACHE_DIR || inCache('pip') },
        })
      },
    }
    const isNew = await doStep(installed, { progress: () => {} })
    return { code: 0, output: isNew ? 'installed' : 'as before' }
  }

  async #start(line: string): Promise<Ended> {
    const ports = Object.values(this.#env).flatMap((value) =>
      value.startsWith('http:') ? Number(new URL(value).port) : [],
    )
    const log = path.join(this.folder, 'server.log')
    this.#servers.push(
      await startServer({
        name: line,
        command: boundToParent(['bash', '-c', `cd "$0" && exec ${line}`, this.folder], 'SIGTERM'),
        env: this.#env,
        log,
        ready: async () => (await Promise.all(ports.map(listens))).every(Boolean),
        stopSignal: 'SIGTERM',
      }),
    )
    return { code: 0, output: await readFile(log, 'utf8') }
  }

  async end(): Promise<void> {
    for (const server of this.#servers) await server.stop()
  }
}

const listens = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const tell = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => tell(true)).once('error', () => tell(false))
  })
