/** Certificates of one's own, made anew for each test file. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'

export interface Certificates {
  /** Who signed the server's. */
  ca: string
  certificate: string
  key: string
  /** Somebody who signed nothing. */
  stranger: string
}

/** For localhost, 127.0.0.1 and ::1. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string) => path.join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = (name: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', at(`${name}.key`)]
  for (const name of ['ca', 'stranger'])
    openssl('req', '-x509', ...newKey(name), '-out', at(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`)
  openssl('req', ...newKey('server'), '-out', at('server.csr'), '-subj', '/CN=localhost')
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n')
  openssl(
    ...['x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-CAcreateserial', '-days', '2', '-extfile', at('names'), '-out', at('server.pem')],
  )
  return {
    ca: at('ca.pem'),
    certificate: at('server.pem'),
    key: at('server.key'),
    stranger: at('stranger.pem'),
  }
}
