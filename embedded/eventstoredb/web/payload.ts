import { html, type Html } from './html.ts'
import { parseTree } from './json-tree.ts'
import { jsonView, type JsonViewOptions } from './json-view.ts'
import { bytesText } from './text.ts'

export interface PayloadOptions extends JsonViewOptions {
  /** Larger payloads are cut; JSON that would be cut is shown as text. */
  readonly bytes: number
}

const hexBytes = 256
const hexWidth = 16
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Line ends and tabs apart, control characters mean that nobody wrote this to be read. */
const unreadable = /[^\P{Cc}\t\n\r]/u

/** What is said of a payload: metadata comes with nothing said, and is JSON if it reads as such. */
export type Format = 'json' | 'bytes' | 'unsaid'

/** Data or metadata of an event, shown as what it is: JSON, text or bytes. */
export function payloadView(bytes: Buffer, format: Format, options: PayloadOptions): Html {
  if (bytes.length === 0) return html`<p class="note">Empty</p>`
  const text = readable(bytes.subarray(0, options.bytes), bytes.length > options.bytes)
  if (text === undefined) return hexView(bytes, options.whole)
  const cut = bytes.length > options.bytes && cutNote(options.bytes, bytes.length, options.whole)
  const tree = format !== 'bytes' && !cut ? parseTree(text) : undefined
  if (tree !== undefined) return jsonView(tree, options)
  const broken =
    format === 'json' && !cut && html`<p class="note">Said to be JSON, but it can't be laid out as such.</p>`
  return html`${broken}
    <pre class="text" tabindex="0">${text}</pre>
    ${cut}`
}

function readable(bytes: Buffer, cut: boolean): string | undefined {
  // A cut may go through a character: up to three bytes of it are left out.
  for (let less = 0; less <= (cut ? 3 : 0); less += 1) {
    const text = decode(bytes.subarray(0, bytes.length - less))
    if (text !== undefined) return unreadable.test(text) ? undefined : text
  }
  return undefined
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function hexView(bytes: Buffer, whole: string): Html {
  const lines: string[] = []
  for (let at = 0; at < Math.min(bytes.length, hexBytes); at += hexWidth) {
    lines.push(hexLine(at, bytes.subarray(at, Math.min(at + hexWidth, hexBytes))))
  }
  const cut = bytes.length > hexBytes && cutNote(hexBytes, bytes.length, whole)
  return html`<pre class="text hex" tabindex="0">${lines.join('\n')}</pre>
    ${cut}`
}

function hexLine(at: number, bytes: Buffer): string {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'))
  const chars = [...bytes].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
  return `${at.toString(16).padStart(4, '0')}  ${pairs.join(' ').padEnd(hexWidth * 3 - 1)}  ${chars.join('')}`
}

const cutNote = (shown: number, total: number, whole: string): Html =>
  html`<p class="note">
    The first ${bytesText(shown)} of ${bytesText(total)}. <a href="${whole}">All of it</a>
  </p>`
