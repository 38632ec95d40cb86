interface Section {
  /** The line in brackets; empty for the lines before the first section. */
  header: string;
  text: string;
}

const RUNNER_SECTION =
  /pytest|unittest|coverage|nose|tox|nox|testenv|^tool:|^tool\.(hatch\.envs|poe|taskipy|pdm\.scripts|rye\.scripts)/;

/**
 * Returns the text of `head` with the sections that steer a test runner as in `base`, for TOML and INI files. If `head` writes
 * sections in an unusual form, which could hide them, the whole file is as in `base`.
 */
export function mergeSections(base: string | null, head: string): string | null {
  const sections = sectionsOf(head);
  const kept = sections.filter((section) => !steersRunner(section));
  if (kept.some(isUnusual)) return base;
  const restored = sectionsOf(base ?? '').filter(steersRunner);
  const textOf = (list: Section[]) => list.map(({ text }) => text).join('');
  if (textOf(restored) === textOf(sections.filter(steersRunner))) return head;
  return textOf([...kept, ...restored]);
}

function sectionsOf(text: string): Section[] {
  const starts = [0, ...[...text.matchAll(/^[ \t]*\[.*$/gm)].map(({ index }) => index)];
  return starts.map((start, i) => {
    const part = text.slice(start, starts[i + 1]);
    const header = /^[ \t]*\[/.test(part) ? part.split('\n')[0]! : '';
    return { header, text: part.endsWith('\n') || part === '' ? part : `${part}\n` };
  });
}

function steersRunner({ header, text }: Section): boolean {
  const name = header.toLowerCase().replace(/["'[\]\s]/g, '');
  return RUNNER_SECTION.test(name) || /pytest11/.test(text);
}

/** `[tool]`, keys such as `tool.x` at the top, and escapes in names could hide a section. */
function isUnusual({ header, text }: Section): boolean {
  if (/\\/.test(header) || /^\s*\[+\s*["']?tool["']?\s*\]/.test(header)) return true;
  return header === '' && /^\s*["']?(tool|\\)/m.test(text);
}
