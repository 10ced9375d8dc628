import type { JWK } from 'jose'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { memory } from './memory.ts'
import { newKey } from './keys.ts'
import { chooserPage, errorPage, pictureOf } from './pages.ts'
import { people, personOf } from './people.ts'
import { providerOf } from './provider.ts'
import type { ClientSettings } from './provider.ts'

export interface IdentityOptions {
  /** Any free one if not given. */
  readonly port?: number
  readonly host?: string
  readonly client: ClientSettings
}

/** Keys that are published besides the one that signs: what they signed may still be on its way. */
const FORMER_KEYS = 1
/** Characters of a form that are read. */
const MAX_FORM = 4_096

/**
 * An OpenID issuer on loopback with a few people to sign in as. Who they are is chosen on a page, without passwords:
 * never let it be reached from another machine.
 */
export class IdentityNode {
  readonly issuer: string
  readonly port: number
  readonly rotateKeys: () => Promise<void>
  readonly stop: () => Promise<void>

  private constructor(parts: Pick<IdentityNode, 'issuer' | 'port' | 'rotateKeys' | 'stop'>) {
    this.issuer = parts.issuer
    this.port = parts.port
    this.rotateKeys = parts.rotateKeys
    this.stop = parts.stop
  }

  static async start({ port = 0, host = '127.0.0.1', client }: IdentityOptions): Promise<IdentityNode> {
    const server = createServer()
    server.listen(port, host)
    await once(server, 'listening')
    const { port: chosen } = addressOf(server.address())
    const issuer = `http://${host}:${chosen}`
    const adapter = memory()
    const cookieKey = randomBytes(32).toString('base64url')
    let keys: readonly JWK[] = [await newKey()]
    const provide = () => {
      const provider = providerOf({ issuer, client, keys, cookieKey, adapter })
      return { provider, answer: provider.callback() }
    }
    let current = provide()

    const rotateKeys = async () => {
      keys = [await newKey(), ...keys].slice(0, 1 + FORMER_KEYS)
      current = provide()
    }

    const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { pathname } = new URL(request.url ?? '/', issuer)
      const [, folder, name = ''] = pathname.split('/')
      const asked = `${request.method ?? ''} ${folder ?? ''}`
      if (asked === 'POST control' && name === 'rotate-keys') {
        await rotateKeys()
        return send(response, 204)
      }
      if (asked === 'GET pictures') {
        const person = personOf(name.replace(/\.svg$/, ''))
        return person
          ? send(response, 200, pictureOf(person), 'image/svg+xml')
          : send(response, 404, errorPage('There is no such picture.'))
      }
      if (asked === 'GET choose') {
        await current.provider.interactionDetails(request, response)
        return send(response, 200, chooserPage(people, pathname))
      }
      if (asked === 'POST choose') {
        const form = await formOf(request)
        const person = personOf(form.get('sub') ?? '')
        const result = person
          ? { login: { accountId: person.sub, remember: false }, select_account: {} }
          : { error: 'access_denied', error_description: 'nobody was chosen' }
        return current.provider.interactionFinished(request, response, result)
      }
      await current.answer(request, response)
    }
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      route(request, response).catch((fault: unknown) => {
        const isTheirs = fault instanceof Error && 'expose' in fault && fault.expose === true
        if (!isTheirs) console.error(fault)
        send(
          response,
          isTheirs ? 400 : 500,
          errorPage(
            isTheirs
              ? 'This sign-in is over, or was begun in another browser: begin again.'
              : 'The issuer failed.',
          ),
        )
      })
    })

    return new IdentityNode({
      issuer,
      port: chosen,
      rotateKeys,
      stop: async () => {
        server.close()
        server.closeAllConnections()
        if (server.listening) await once(server, 'close')
      },
    })
  }
}

const addressOf = (address: string | AddressInfo | null): AddressInfo => {
  if (typeof address === 'object' && address) return address
  throw new Error('a server that listens on no port')
}

const send = (
  response: ServerResponse,
  status: number,
  body = '',
  type = 'text/html; charset=utf-8',
): void => {
  if (response.headersSent) return void response.end()
  response.writeHead(status, body ? { 'content-type': type, 'cache-control': 'no-store' } : {}).end(body)
}

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  request.setEncoding('utf8')
  let form = ''
  for await (const chunk of request) {
    form += String(chunk)
    if (form.length > MAX_FORM) throw Object.assign(new Error('the form is too large'), { expose: true })
  }
  return new URLSearchParams(form)
}
