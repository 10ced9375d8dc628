import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Socket } from 'node:net'

/** A TCP proxy in front of a port of this machine that loses answers on request; for tests of lost acknowledgements. */
export const lossyProxy = async (target: number) => {
  let losing = false
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // Cut connections end with errors on both sides; that is what the proxy is for.
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    keep(near)
    keep(far)
    near.pipe(far)
    far.on('data', (bytes) => {
      if (!losing) near.write(bytes)
    })
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    /** From now on what the server says is swallowed. */
    loseAnswers: () => {
      losing = true
    },
    /** Cuts all connections; new ones work. */
    cut: () => {
      losing = false
      for (const socket of sockets) socket.destroy()
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
