const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** All that no XML document may hold, in whatever form: most control characters, and halves of characters. */
const impossible = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

/** Text as it may stand between tags and in quotes; what can't is replaced by U+FFFD. */
export const xmlOf = (text: string): string =>
  text.replace(impossible, '\u{fffd}').replace(/[&<>"']/g, (character) => entities[character] ?? character)
