/** A pattern that is wrong, or that says what can't be said in JavaScript. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/** Walks through the text of a pattern. */
export class PatternScanner {
  readonly text: string
  at = 0

  constructor(text: string) {
    this.text = text
  }

  get done(): boolean {
    return this.at >= this.text.length
  }

  /** The next character, whole even where it takes two units of UTF-16; empty at the end. */
  get next(): string {
    const code = this.text.codePointAt(this.at)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  take(): string {
    const { next } = this
    if (next === '') this.fail('The pattern ends too early')
    this.at += next.length
    return next
  }

  /** Takes what matches a sticky expression here, if it does. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at
    const match = expression.exec(this.text)
    if (match !== null) this.at += match[0].length
    return match ?? undefined
  }

  takeIf(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  fail(what: string): never {
    throw new PatternError(`${what}, at ${this.at} of ${JSON.stringify(this.text)}.`)
  }
}
