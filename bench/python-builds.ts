/** Ways to build the service, each a step away from the published stack. */
import path from 'node:path'
import { inCache, python, root } from '../build/paths.ts'

export interface Candidate {
  name: string
  /** What the step is. */
  step: string
  /** Of a port, to listen there. */
  command: (port: number) => string[]
  env?: Record<string, string>
  /** What it reads of the feature store. */
  store: 'lists' | 'packed'
  /** Threads of each worker that answer requests. */
  threads: number
}

/** As many workers as the published stack has. */
export const workers = 2

const service = path.join(root, 'targets', 'python')
const folder = path.join(root, 'bench', 'python')
/** Packages that only this bench needs. */
export const packages = inCache('bench', 'python')
export const requirements = path.join(folder, 'requirements.txt')

/** Where the builds and what they are made of are found. */
const modules = [packages, folder, service].join(path.delimiter)

const gunicorn = (application: string) => () => [
  ...[python, '-m', 'gunicorn', '--chdir', service],
  ...['--config', path.join(service, 'gunicorn_conf.py'), application],
]
const uvicorn = (application: string) => (port: number) => [
  ...[
    python,
    '-m',
    'uvicorn',
    '--factory',
    application,
    '--port',
    String(port),
    '--workers',
    String(workers),
  ],
  ...['--loop', 'uvloop', '--http', 'httptools', '--log-level', 'warning', '--no-access-log'],
  // Its own five seconds are less than the others' turns take together.
  ...['--timeout-keep-alive', '600'],
]
const granian = (kind: string, application: string, more: string[]) => (port: number) => [
  ...[python, '-m', 'granian', '--interface', kind, '--factory', application, '--port', String(port)],
  ...['--workers', String(workers), '--http', '1', '--no-ws', '--log-level', 'warning', ...more],
]

/** The first is the published stack, with which all others are compared; each of the others also with the one that its step is from. */
export const candidates: (Candidate & { from?: string })[] = [
  {
    name: 'published',
    step: 'Flask on Gunicorn, a JSON list in Redis, inplace_predict, hiredis',
    ...{ command: gunicorn('service.wsgi:app'), store: 'lists', threads: 4 },
  },
  {
    name: 'packed',
    step: 'features as 32-bit floats in one value',
    from: 'published',
    ...{ command: gunicorn('builds:flask()'), store: 'packed', threads: 4 },
    env: { PREDICTOR: 'xgboost' },
  },
  {
    name: 'treelite',
    step: "the model's trees by Treelite's C interface",
    from: 'packed',
    ...{ command: gunicorn('builds:flask()'), store: 'packed', threads: 4 },
  },
  {
    name: 'wsgi',
    step: 'no framework',
    from: 'treelite',
    ...{ command: gunicorn('builds:wsgi()'), store: 'packed', threads: 4 },
  },
  {
    name: 'granian-wsgi',
    step: 'Granian, a server in Rust, instead of Gunicorn',
    from: 'wsgi',
    ...{ command: granian('wsgi', 'builds:wsgi', ['--blocking-threads', '4']), store: 'packed', threads: 4 },
  },
  {
    name: 'starlette',
    step: "Starlette on uvicorn with httptools and uvloop, redis-py's asynchronous client",
    from: 'treelite',
    ...{ command: uvicorn('builds:starlette'), store: 'packed', threads: 1 },
  },
  {
    name: 'granian-rsgi',
    step: "no framework, Granian's own interface, one pipelined connection to Redis by hiredis",
    from: 'starlette',
    ...{ command: granian('rsgi', 'builds:rsgi', ['--loop', 'uvloop']), store: 'packed', threads: 1 },
  },
  {
    name: 'gunicorn-asgi',
    step: "the same on Gunicorn's own asynchronous worker",
    from: 'starlette',
    ...{ command: gunicorn('fast.asgi:app'), store: 'packed', threads: 1 },
    env: { WORKER_CLASS: 'asgi' },
  },
  {
    name: 'python-fast',
    step: 'the same on uvicorn, a socket for each worker by Gunicorn',
    from: 'starlette',
    ...{ command: gunicorn('fast.asgi:app'), store: 'packed', threads: 1 },
    env: { WORKER_CLASS: 'uvicorn' },
  },
]

/** What each is started with besides what says what it is. */
export const environmentOf = ({ env }: Candidate, port: number): Record<string, string> => ({
  ...{ BIND: `127.0.0.1:${port}`, WORKERS: String(workers), PREDICTOR: 'treelite' },
  ...{ PYTHONPATH: modules, PYTHONDONTWRITEBYTECODE: '1' },
  ...env,
})
