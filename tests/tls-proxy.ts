/** TLS before a Postgres whose build has none, as a proxy in the cloud has it: it ends there. */
import { readFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'
import type { Certificates } from './certificates.ts'

/** Code of the request that asks for TLS, by Postgres' protocol. */
const sslRequest = 80_877_103

export interface TlsProxy {
  port: number
  /** Sessions that came by TLS so far. */
  secured: () => number
  close(): Promise<void>
}

export async function startTlsProxy(certificates: Certificates, postgresPort: number): Promise<TlsProxy> {
  const secureContext = tls.createSecureContext({
    key: readFileSync(certificates.key),
    cert: readFileSync(certificates.certificate),
  })
  const sockets = new Set<net.Socket>()
  let secured = 0
  const server = net.createServer((client) => {
    const behind = net.connect(postgresPort, '127.0.0.1')
    for (const socket of [client, behind]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        behind.destroy()
      })
    }
    const joined = (raw: net.Socket) => raw.pipe(behind).pipe(raw)
    const secure = () => {
      secured++
      const socket = new tls.TLSSocket(client, {
        isServer: true,
        secureContext,
        ALPNProtocols: ['postgresql'],
      })
      socket.on('error', () => client.destroy())
      joined(socket)
    }
    client.once('data', (first) => {
      client.pause()
      // A client that does not ask before begins with TLS's own first byte.
      if (first[0] === 0x16) {
        client.unshift(first)
        secure()
      } else if (first.length === 8 && first.readUInt32BE(4) === sslRequest) client.write('S', secure)
      else {
        client.unshift(first)
        joined(client)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    secured: () => secured,
    close: () => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
