/**
 * Whose certificates are trusted: the system's, as k6 (Go) takes them, and those in a file of the user's own. Node has a list of its
 * own, in which what an administrator added to the system is missing.
 */
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import tls from 'node:tls'
import { BadInput, messageOf, reasonOf } from '../../build/failure.ts'

/** Go's list of the files that systems have; the variable goes before it in either. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** A pipe would make whoever reads it wait. */
const isFile = (file: string) => statSync(file, { throwIfNoEntry: false })?.isFile() === true

function ofTheSystem(): string[] {
  const file = [process.env.SSL_CERT_FILE, ...systemFiles].find((one) => one && isFile(one))
  return file ? [readFileSync(file, 'utf8')] : [...tls.rootCertificates]
}

const mostBytes = 1e7

/** The text of a file of certificates. @param name of the flag or variable it was given by */
export function certificateFile(file: string, name: string): string {
  const expected = 'a file of certificates in PEM form (-----BEGIN CERTIFICATE-----)'
  let text: string
  try {
    const { size } = statSync(file)
    if (!isFile(file)) throw new Error('it is no file')
    if (size > mostBytes) throw new Error('it is larger than 10 MB')
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new BadInput(`${name}: '${file}' cannot be read (${reasonOf(error)}); expected ${expected}`)
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    for (const one of found) new X509Certificate(one)
  } catch (error) {
    throw new BadInput(`${name}: '${file}' has a certificate that cannot be read (${messageOf(error)})`)
  }
  if (found.length === 0)
    throw new BadInput(
      `${name}: '${file}' holds no certificate; expected ${expected}`,
      'openssl x509 -in FILE -inform der -out FILE.pem makes one of a file in DER form',
    )
  return text
}

const contexts = new Map<string, tls.SecureContext>()

/** Made once for each file: the system has some 140 certificates, which take longer to read than a connection to open. */
export function trusted(ca?: string): tls.SecureContext {
  const known = contexts.get(ca ?? '')
  if (known) return known
  const made = tls.createSecureContext({
    ca: [...ofTheSystem(), ...(ca === undefined ? [] : [certificateFile(ca, 'ca')])],
    minVersion: 'TLSv1.2',
  })
  contexts.set(ca ?? '', made)
  return made
}
