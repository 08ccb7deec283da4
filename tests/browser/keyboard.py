"""A page with the Tab key alone: what it comes to, whether one sees where it is, and hands that press keys."""

from playwright.sync_api import Page

STOPS = """() => {
  const kinds = 'a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex="0"]'
  const groups = new Set()
  return [...document.querySelectorAll(kinds)].filter(element => {
    if (element.disabled || element.tabIndex < 0 || element.closest('[inert]')) return false
    if (!element.checkVisibility({visibilityProperty: true})) return false
    if (element.type !== 'radio') return true
    const group = `${element.form?.id} ${element.name}`  // one stop for all of a group
    return !groups.has(group) && groups.add(group)
  }).length
}"""
HERE = """() => {
  const element = document.activeElement
  if (!element || element === document.body) return null
  window.stops ??= []
  const again = window.stops.at(-1) === element  // the next part of a date
  const seen = !again && window.stops.includes(element)
  if (!again) window.stops.push(element)
  const before = window.stops.at(-2)
  const group = element.type === 'radio' || element.type === 'checkbox'
  const shown = element.closest('label') ?? (group ? element.labels?.[0] : null) ?? element
  const looks = [element, ...(group ? [shown, element.nextElementSibling] : [])].filter(Boolean).map(getComputedStyle)
  const box = shown.getBoundingClientRect()
  const below = Math.max(box.top, 0) + Math.min(box.height, 20) / 2
  const middle = document.elementFromPoint(box.left + box.width / 2, below)
  return {
    seen,
    isFrame: element.tagName === 'IFRAME',
    again,
    name: (element.getAttribute('aria-label') || element.innerText || element.name || element.title || element.tagName)
      .trim().slice(0, 60),
    marked: looks.some(look => look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0),
    onScreen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: !!middle && !shown.contains(middle) && !middle.contains(shown) && !!middle.closest('.side, .top'),
    backwards: !!before && !!(before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING),
  }
}"""


def trouble(page: Page, *, most: int = 400) -> list[str]:
    """Tabs through the whole page from its beginning."""
    if frames := page.locator("iframe[loading=lazy]").all():
        for frame in frames:
            frame.evaluate("frame => frame.loading = 'eager'")
        page.wait_for_load_state("networkidle")
    page.evaluate("window.stops = []; document.activeElement?.blur(); scrollTo(0, 0)")
    wanted, reached, found = page.evaluate(STOPS), 0, []
    for _press in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or here["seen"]:
            break
        if here["again"]:
            continue
        reached += 1
        if here["isFrame"]:  # the mark is at what has the focus inside
            here["marked"] = any(frame.locator(":focus-visible").count() for frame in page.frames[1:])
        if not here["marked"]:
            found.append(f"{here['name']}: one does not see that it has the focus")
        if not here["onScreen"] or here["covered"]:
            found.append(f"{here['name']}: out of sight with the focus")
        if here["backwards"]:
            found.append(f"{here['name']}: comes before what the Tab key came from")
    if reached != wanted:
        found.append(f"Tab comes to {reached} of {wanted}")
    return found


def go_to(page: Page, name: str, *, most: int = 200) -> None:
    """Tab until what is called so has the focus."""
    passed = []
    for _press in range(most):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const element = document.activeElement
              const label = element.labels?.[0]?.innerText ?? ''
              const name = element.getAttribute('aria-label') ?? (label || element.innerText)
              return element === document.body ? '' : name.replace(/\\s+/g, ' ').trim()
            }"""
        )
        if here.startswith(name):
            return
        passed.append(here)
    raise AssertionError(f"Tab never came to {name!r}, only to {passed}")


def press(page: Page, name: str) -> None:
    """A button or a link that leads to another page."""
    go_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def type_into(page: Page, name: str, text: str) -> None:
    go_to(page, name)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
