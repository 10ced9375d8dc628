import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { securityHeaders } from './answer.ts'

const types = {
  'base.css': 'text/css; charset=utf-8',
  'frame.css': 'text/css; charset=utf-8',
  'content.css': 'text/css; charset=utf-8',
  'browser.js': 'text/javascript; charset=utf-8',
  'follow.js': 'text/javascript; charset=utf-8',
  'shortcuts.js': 'text/javascript; charset=utf-8',
  'times.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

interface Asset {
  readonly type: string
  readonly bytes: Buffer
  readonly etag: string
}

/** The files that pages are made with, read once. */
export function readAssets(): ReadonlyMap<string, Asset> {
  return new Map(
    Object.entries(types).map(([name, type]) => {
      const bytes = readFileSync(new URL(`assets/${name}`, import.meta.url))
      const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
      return [name, { type, bytes, etag }]
    }),
  )
}

/** Browsers ask each time, and are sent only what they don't have: a newer node has newer files. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: Asset): void {
  const headers = { ...securityHeaders, etag: asset.etag, 'cache-control': 'no-cache' }
  if (has(request.headers['if-none-match'], asset.etag)) {
    response.writeHead(304, headers).end()
    return
  }
  response
    .writeHead(200, { ...headers, 'content-type': asset.type, 'content-length': asset.bytes.length })
    .end(asset.bytes)
}

const has = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((candidate) => candidate.trim().replace(/^W\//u, '') === etag) ?? false
