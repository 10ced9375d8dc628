import { takeClass } from './dotnet-classes.ts'
import { literal, takeEscapedCharacter, takeShorthand, wordItems } from './dotnet-escapes.ts'
import { noOptions, takeOpening, type Opening, type Options } from './dotnet-groups.ts'
import { PatternScanner } from './pattern-scanner.ts'

/**
 * A pattern of .NET, which is what EventStoreDB's filters are, as a JavaScript expression that matches the same
 * names. What can't be translated is refused with a PatternError. One difference is left: a character beyond the
 * Basic Multilingual Plane counts as one here, and as two in .NET.
 */
export function fromDotNet(pattern: string): RegExp {
  return new RegExp(new Translator(pattern).translate(), 'v')
}

interface Frame {
  options: Options
  readonly parts: string[]
  readonly close: (body: string) => string
  /** Groups that are surely set where the translation stands, in this branch of this frame. */
  readonly set: Set<string>
  readonly own: string | undefined
  readonly behind: boolean
  readonly negative: boolean
  alternated: boolean
}

const anything = String.raw`[\s\S]`
const word = String.raw`[${wordItems}\u{200c}\u{200d}]`
const start = `(?<!${anything})`
const end = `(?!${anything})`
const endOrLastNewline = String.raw`(?=\n?${end})`

const anchors: Readonly<Record<string, string>> = {
  A: start,
  G: start,
  z: end,
  Z: endOrLastNewline,
  b: `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  B: `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
}

const comment = /\(\?#[^)]*\)/uy
const insignificant = /(?:[ \t\n\v\f\r]+|#[^\n]*)/uy
const quantifier = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\??)/uy
const reference = /k<(\w+)>|k'(\w+)'|([1-9]\d*)/uy

class Translator {
  readonly #scanner: PatternScanner
  readonly #frames: Frame[] = [frame(noOptions, { close: (body) => body })]
  readonly #names = new Map<string, string>()
  #captures = 0
  #atomics = 0

  constructor(pattern: string) {
    this.#scanner = new PatternScanner(pattern)
  }

  translate(): string {
    const scanner = this.#scanner
    for (this.#skip(); !scanner.done; this.#skip()) {
      const taken = scanner.take()
      if (taken === '(') this.#open(takeOpening(scanner, this.#frame.options))
      else if (taken === ')') this.#close()
      else if (taken === '|') this.#alternate()
      else this.#atom(this.#translated(taken), [])
    }
    if (this.#frames.length > 1) scanner.fail('A parenthesis is not closed')
    return this.#frame.parts.join('')
  }

  get #frame(): Frame {
    const last = this.#frames.at(-1)
    return last ?? this.#scanner.fail('A parenthesis too many')
  }

  #translated(taken: string): string {
    const { options } = this.#frame
    if (taken === '^') return options.m ? String.raw`(?<![^\n])` : start
    if (taken === '$') return options.m ? String.raw`(?![^\n])` : endOrLastNewline
    if (taken === '.') return options.s ? anything : String.raw`[^\n]`
    if (taken === '[') return this.#cased(takeClass(this.#scanner))
    if (taken === '\\') return this.#escaped()
    if (nothingToRepeat(taken, this.#scanner)) this.#scanner.fail('There is nothing to repeat')
    return this.#cased(literal(taken.codePointAt(0) ?? 0))
  }

  #escaped(): string {
    const scanner = this.#scanner
    const anchor = anchors[scanner.next]
    if (anchor !== undefined) {
      scanner.take()
      return anchor
    }
    if (scanner.next === 'k' || /[1-9]/u.test(scanner.next)) return this.#cased(this.#reference())
    return this.#cased(takeShorthand(scanner) ?? literal(takeEscapedCharacter(scanner)))
  }

  /** .NET fails where a group is not set yet, JavaScript goes on: only a group that is surely set will do. */
  #reference(): string {
    const match = this.#scanner.takeMatch(reference)
    const name = match?.[1] ?? match?.[2] ?? match?.[3] ?? ''
    const group = /^\d+$/u.test(name) ? captureName(Number(name)) : this.#names.get(name)
    const isSet = group !== undefined && this.#frames.some(({ set }) => set.has(group))
    if (!isSet || this.#frames.some(({ behind }) => behind)) {
      this.#scanner.fail('A reference is only possible to a group that is surely set before it')
    }
    return `\\k<${group}>`
  }

  #cased(atom: string): string {
    return this.#frame.options.i ? `(?i:${atom})` : atom
  }

  #open(opening: Opening): void {
    const { options } = this.#frame
    switch (opening.kind) {
      case 'options':
        this.#frame.options = opening.options
        break
      case 'group':
        this.#frames.push(frame(opening.options, { close: (body) => `(?:${body})` }))
        break
      case 'look':
        this.#frames.push(frame(options, { ...opening, close: (body) => `${opening.opening}${body})` }))
        break
      case 'atomic': {
        if (this.#frames.some((outer) => outer.behind)) this.#scanner.fail('No atomic groups in look-behinds')
        // What a look-ahead has found it never gives back.
        this.#atomics += 1
        const name = `a${this.#atomics}`
        this.#frames.push(frame(options, { close: (body) => `(?:(?=(?<${name}>${body}))\\k<${name}>)` }))
        break
      }
      case 'capture': {
        const own = opening.name === undefined ? this.#numbered() : this.#named(opening.name)
        this.#frames.push(frame(options, { own, close: (body) => `(?<${own}>${body})` }))
        break
      }
    }
  }

  #numbered(): string {
    this.#captures += 1
    return captureName(this.#captures)
  }

  #named(name: string): string {
    if (this.#names.has(name)) this.#scanner.fail(`Two groups are named ${name}`)
    const own = `n${this.#names.size}`
    this.#names.set(name, own)
    return own
  }

  #close(): void {
    const closed = this.#frames.pop()
    if (closed === undefined || this.#frames.length === 0) this.#scanner.fail('A parenthesis too many')
    const set = closed.alternated || closed.negative ? [] : [...closed.set]
    if (closed.own !== undefined) set.push(closed.own)
    this.#atom(closed.close(closed.parts.join('')), set)
  }

  #alternate(): void {
    const { parts, set } = this.#frame
    parts.push('|')
    set.clear()
    this.#frame.alternated = true
  }

  /** `set` are the groups that are set once the atom has matched. */
  #atom(atom: string, set: readonly string[]): void {
    this.#skip()
    const times = this.#quantifier()
    this.#frame.parts.push(times === undefined ? atom : `(?:${atom})${times.text}`)
    if (times?.optional === true) return
    for (const group of set) this.#frame.set.add(group)
  }

  #quantifier(): { text: string; optional: boolean } | undefined {
    const match = this.#scanner.takeMatch(quantifier)
    if (match === undefined) return undefined
    const [text, sign, least, , most] = match
    if (most !== undefined && most !== '' && Number(most) < Number(least)) {
      this.#scanner.fail('A quantifier is the wrong way round')
    }
    this.#skip()
    if (this.#scanner.takeMatch(quantifier) !== undefined) this.#scanner.fail('A quantifier follows another')
    return { text, optional: sign === undefined ? Number(least) === 0 : sign !== '+' }
  }

  #skip(): void {
    while (
      this.#scanner.takeMatch(comment) !== undefined ||
      (this.#frame.options.x && this.#scanner.takeMatch(insignificant) !== undefined)
    );
  }
}

/** A brace that doesn't make a quantifier is only a brace. */
const nothingToRepeat = (taken: string, { text, at }: PatternScanner): boolean =>
  /[*+?]/u.test(taken) || (taken === '{' && /^\d+(?:,\d*)?\}/u.test(text.slice(at)))

const captureName = (number: number): string => `c${number}`

function frame(
  options: Options,
  { close, own, behind = false, negative = false }: Pick<Frame, 'close'> & Partial<Frame>,
): Frame {
  return { options, parts: [], close, set: new Set(), own, behind, negative, alternated: false }
}
