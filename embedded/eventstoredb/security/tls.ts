import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'

/** What a node proves its name with, in PEM form. The certificate may be followed by those of its issuers. */
export interface TlsIdentity {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** Throws, in words for whoever starts the node, if it can't be used. */
export function checkTlsIdentity({ cert, key }: TlsIdentity): void {
  const certificate = parsed('certificate', () => new X509Certificate(cert))
  const privateKey: KeyObject = parsed('key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('The TLS key is not that of the certificate.')
  parsed('certificate and its key', () => createSecureContext({ cert, key }))
}

function parsed<Result>(what: string, parse: () => Result): Result {
  try {
    return parse()
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`The TLS ${what} can't be used: ${reason}`, { cause: error })
  }
}
