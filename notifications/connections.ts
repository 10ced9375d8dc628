import { Agent as HttpAgent } from 'node:http'
import type { ClientRequestArgs } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectSecurely } from 'node:tls'

/** `code` of the fault of a request that came to nothing because there was no connection for it. */
export const NOT_CONNECTED = 'NOT_CONNECTED'

/** There is no connection, so nothing was sent. */
class NotConnected extends Error {
  override readonly name = 'NotConnected'
  readonly code = NOT_CONNECTED
}

type Connected = (fault: Error | null, socket: Duplex) => void

/**
 * An agent whose every request has a connection of its own, and whose faults tell whether there was one. One that is
 * kept open may be closed by the other end just when it is used again, and then nobody knows whether what was sent
 * has arrived.
 */
export const freshConnections = (root: string, deadline: number): HttpAgent => {
  const isSecure = root.startsWith('https:')
  const agent = isSecure ? new HttpsAgent() : new HttpAgent()
  agent.createConnection = (options: ClientRequestArgs, done?: Connected) => {
    const { host, port, servername } = addressIn(options)
    const socket = isSecure
      ? connectSecurely({ host, port, ...(servername ? { servername } : {}) })
      : connect({ host, port })
    const event = isSecure ? 'secureConnect' : 'connect'
    const fail = (fault: Error) => {
      clearTimeout(timer)
      done?.(new NotConnected('no connection', { cause: fault }), socket)
    }
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${deadline} ms`)), deadline)
    socket.once('error', fail)
    socket.once(event, () => {
      clearTimeout(timer)
      socket.off('error', fail)
      done?.(null, socket)
    })
    return undefined
  }
  return agent
}

const addressIn = (options: ClientRequestArgs) => ({
  host: options.host ?? options.hostname ?? 'localhost',
  port: Number(options.port),
  servername: 'servername' in options ? String(options.servername) : undefined,
})
