const storageKey = 'eventstoredb.shortcuts'

/** Shortcuts of one key: for those who want them, and never while something is written. */
export function useShortcuts() {
  /** @type {HTMLDetailsElement | null} */
  const list = document.querySelector('[data-shortcuts]')
  const box = list?.querySelector('input')
  if (!list || !box) return
  list.hidden = false
  box.checked = stored() !== 'off'
  box.addEventListener('change', () => store(box.checked ? 'on' : 'off'))
  document.addEventListener('keydown', (event) => {
    if (!box.checked || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return
    if (act(event.key, list)) event.preventDefault()
  })
}

/**
 * @param {string} key
 * @param {HTMLDetailsElement} list
 */
function act(key, list) {
  if (key === '/') return focusOn('#search-text')
  if (key === '?') {
    list.open = true
    return focusOn('[data-shortcuts] summary')
  }
  /** @type {HTMLElement | null} */
  const target = /^[a-z]$/.test(key) ? document.querySelector(`[data-key="${key}"]`) : null
  if (target === null || target.closest('[hidden]') !== null) return false
  target.click()
  return true
}

/** @param {string} selector */
function focusOn(selector) {
  /** @type {HTMLElement | null} */
  const target = document.querySelector(selector)
  target?.focus()
  return target !== null
}

/** @param {EventTarget | null} target */
const isWriting = (target) =>
  target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null

// Where storage is forbidden the choice lasts as long as the page.
function stored() {
  try {
    return localStorage.getItem(storageKey)
  } catch {
    return null
  }
}

/** @param {string} value */
function store(value) {
  try {
    localStorage.setItem(storageKey, value)
  } catch {
    return
  }
}
