/**
 * JSON as it was written: keys in their order, repeated ones too, and numbers digit by digit. A parser that makes
 * values of it would lose all three. Strings and keys keep their quotes and escapes.
 */
export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly JsonEntry[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string' | 'number' | 'word'; readonly text: string }

export interface JsonEntry {
  readonly key: string
  readonly value: JsonNode
}

const deepest = 100
const space = /[ \t\n\r]*/uy
const string = /"(?:[^"\\\p{Cc}]|[\u007f-\u009f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/uy
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy
const word = /true|false|null/uy

/** Undefined for what is no JSON, or nested so deeply that nobody could read it laid out. */
export function parseTree(text: string): JsonNode | undefined {
  const scanner = new Scanner(text)
  const node = scanner.value(0)
  return node !== undefined && scanner.atEnd() ? node : undefined
}

class Scanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number): JsonNode | undefined {
    this.#take(space)
    const first = this.#text[this.#at]
    if (first === '{' || first === '[') {
      if (depth === deepest) return undefined
      this.#at += 1
      return first === '{' ? this.#object(depth + 1) : this.#array(depth + 1)
    }
    if (first === '"') return this.#scalar('string', string)
    return this.#scalar('word', word) ?? this.#scalar('number', number)
  }

  atEnd(): boolean {
    this.#take(space)
    return this.#at === this.#text.length
  }

  #object(depth: number): JsonNode | undefined {
    const entries: JsonEntry[] = []
    if (this.#skip('}')) return { kind: 'object', entries }
    do {
      this.#take(space)
      const key = this.#take(string)
      if (key === undefined || !this.#skip(':')) return undefined
      const value = this.value(depth)
      if (value === undefined) return undefined
      entries.push({ key, value })
    } while (this.#skip(','))
    return this.#skip('}') ? { kind: 'object', entries } : undefined
  }

  #array(depth: number): JsonNode | undefined {
    const items: JsonNode[] = []
    if (this.#skip(']')) return { kind: 'array', items }
    do {
      const item = this.value(depth)
      if (item === undefined) return undefined
      items.push(item)
    } while (this.#skip(','))
    return this.#skip(']') ? { kind: 'array', items } : undefined
  }

  #scalar(kind: 'string' | 'number' | 'word', pattern: RegExp): JsonNode | undefined {
    const text = this.#take(pattern)
    return text === undefined ? undefined : { kind, text }
  }

  #skip(char: string): boolean {
    this.#take(space)
    if (this.#text[this.#at] !== char) return false
    this.#at += 1
    return true
  }

  /** What the pattern matches here, if it does. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}
