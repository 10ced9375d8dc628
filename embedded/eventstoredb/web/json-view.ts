import { html, type Html } from './html.ts'
import type { JsonEntry, JsonNode } from './json-tree.ts'

export interface JsonViewOptions {
  /** How many values are laid out; what is beyond is counted only. */
  readonly values: number
  /** Where all of it can be had. */
  readonly whole: string
  /** Where the string of a key at the top leads, if it leads anywhere. */
  readonly hrefOf?: (key: string, text: string) => string | undefined
}

/** Short lists and objects stay on one line. */
const inlineLength = 60
/** More lines than this can be folded, far more are folded until someone wants them. */
const foldableLines = 10
const foldedLines = 40
const longestString = 2000

/** JSON laid out and coloured; what is large can be folded, which needs no script. */
export function jsonView(node: JsonNode, options: JsonViewOptions): Html {
  const layout = new Layout(options)
  const view = html`<div class="json">${layout.block(undefined, node, '', 0)}</div>`
  if (!layout.isCut) return view
  return html`${view}
    <p class="note">Not all of it is laid out here. <a href="${options.whole}">All of it</a></p>`
}

class Layout {
  readonly #options: JsonViewOptions
  #left: number
  #cut = false

  constructor(options: JsonViewOptions) {
    this.#options = options
    this.#left = options.values
  }

  get isCut(): boolean {
    return this.#cut
  }

  /** One value with what precedes and follows it on its lines. */
  block(key: string | undefined, node: JsonNode, comma: string, depth: number): Html {
    this.#left -= 1
    const label = key === undefined ? undefined : html`<span class="key">${this.#shortened(key)}</span>: `
    if (node.kind !== 'object' && node.kind !== 'array') {
      return html`<div>${label}${this.#scalar(key, node, depth)}${comma}</div>`
    }
    const inline = inlineText(node)
    if (inline.length <= inlineLength)
      return html`<div>${label}${this.#inline(key, node, depth)}${comma}</div>`
    const [open, close] = node.kind === 'object' ? ['{', '}'] : ['[', ']']
    const lines = linesOf(node, foldedLines + 1)
    const body = html`<div class="inside">${this.#children(node, depth + 1)}</div>`
    if (depth === 0 || lines <= foldableLines) {
      return html`<div>${label}${open}</div>
        ${body}
        <div>${close}${comma}</div>`
    }
    const summary = html`<summary>
      ${label}${open}<span class="folded"> ${countOf(node)} ${close}</span>
    </summary>`
    const rest = html`${body}
      <div>${close}${comma}</div>`
    return lines > foldedLines
      ? html`<details>${summary}${rest}</details>`
      : html`<details open>${summary}${rest}</details>`
  }

  #children(node: JsonNode, depth: number): Html[] {
    const entries = childrenOf(node)
    const views: Html[] = []
    for (const [index, { key, value }] of entries.entries()) {
      if (this.#left <= 0) {
        this.#cut = true
        views.push(html`<div class="note">and ${entries.length - index} more</div>`)
        break
      }
      views.push(this.block(key, value, index < entries.length - 1 ? ',' : '', depth))
    }
    return views
  }

  #inline(key: string | undefined, node: JsonNode, depth: number): Html {
    if (node.kind !== 'object' && node.kind !== 'array') return this.#scalar(key, node, depth)
    const children = childrenOf(node)
    const parts = children.map((child, index) => {
      const label = child.key === undefined ? undefined : html`<span class="key">${child.key}</span>: `
      const value = this.#inline(child.key, child.value, depth + 1)
      return html`${label}${value}${index < children.length - 1 && ', '}`
    })
    if (node.kind === 'array') return html`[${parts}]`
    return parts.length === 0 ? html`{}` : html`{ ${parts} }`
  }

  #scalar(key: string | undefined, node: Scalar, depth: number): Html {
    if (node.kind !== 'string') return this.#plain(node)
    const href =
      depth === 1 && key !== undefined ? this.#options.hrefOf?.(unquote(key), unquote(node.text)) : undefined
    const view = this.#plain(node)
    return href === undefined ? view : html`<a href="${href}">${view}</a>`
  }

  #plain(node: Scalar): Html {
    return html`<span class="${node.kind}">${this.#shortened(node.text)}</span>`
  }

  #shortened(text: string): string {
    if (text.length <= longestString) return text
    this.#cut = true
    return `${text.slice(0, longestString).toWellFormed()}… (${text.length - 2} characters)`
  }
}

type Scalar = Exclude<JsonNode, { kind: 'object' | 'array' }>
type Child = { readonly key: string | undefined; readonly value: JsonNode }

function childrenOf(node: JsonNode): readonly (JsonEntry | Child)[] {
  if (node.kind === 'object') return node.entries
  return node.kind === 'array' ? node.items.map((value) => ({ key: undefined, value })) : []
}

/** Enough of the text on one line to know whether it is short. */
function inlineText(node: JsonNode): string {
  if (node.kind !== 'object' && node.kind !== 'array') return node.text
  let text = ''
  for (const { key, value } of childrenOf(node)) {
    text += `${key === undefined ? '' : `${key}: `}${inlineText(value)}, `
    if (text.length > inlineLength) break
  }
  return `{ ${text}}`
}

/** Lines that a value takes laid out, counted up to `limit` only. */
function linesOf(node: JsonNode, limit: number): number {
  if (inlineText(node).length <= inlineLength) return 1
  let lines = 2
  for (const { value } of childrenOf(node)) {
    lines += linesOf(value, limit - lines)
    if (lines >= limit) break
  }
  return lines
}

function countOf(node: JsonNode): string {
  const { length } = childrenOf(node)
  const one = node.kind === 'object' ? 'key' : 'item'
  return `${length} ${length === 1 ? one : `${one}s`}`
}

function unquote(literal: string): string {
  const text: unknown = JSON.parse(literal)
  return String(text)
}
