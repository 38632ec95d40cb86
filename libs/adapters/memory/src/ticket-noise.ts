/** Text of issue forms and environment details, which occurs in tickets about any subject. */
const NOISE = [
  // Instructions in a form.
  /<!--[\s\S]*?(?:-->|$)/g,
  // Check boxes.
  /^\s*(?:[-*+]|\d+\.)\s*\[[ xX]\].*$/gm,
  // Headings of a form.
  /^\s*#{1,6}\s+\S.{0,60}$/gm,
  /^\s*\*\*[^*\n]{1,60}\*\*:?\s*$/gm,
  /^\s*_No response_\s*$/gim,
  // Versions.
  /^[\s>*_+-]*(?:os|platform|browser|environment|operating system|node(?:\.?js)?|npm|yarn|pnpm|python|php|go|golang|java|ruby|docker|[\w .-]{0,30}version(?:\(s\))?|architecture|kernel|distro)\b[\s*_`]*[:=].{0,120}$/gim,
  /^[\s>*+-]*[\w.@/[\]-]+\s*==\s*v?\d+(?:\.\w+)+.*$/gm,
  /^[\s>*+-]*(?:python|node|npm|php|go|ruby|pip|version)\s+v?\d+(?:\.\w+)+\s*$/gim,
  // Environment variables, such as the output of `go env`.
  /^(?:export |set )?[A-Z][A-Z\d_]+="?[^"\n]*"?$/gm,
  // Images, and URLs up to their last part, which may name a file.
  /!\[[^\]\n]*\]\([^)\s]*\)/g,
  /\bhttps?:\/\/[^\s/]+\/(?:[^\s/]+\/)*/g,
];

/** Removes text that is not about code. */
export function withoutNoise(ticket: string): string {
  return NOISE.reduce((text, noise) => text.replace(noise, ' '), ticket);
}

/** Returns the prose of a ticket, without code and stack traces. */
export function proseOf(ticket: string): string {
  return ticket
    .replace(/```[\s\S]*?(?:```|$)/g, ' ')
    .replace(/^\s*(?:at |File "|#\d+\s).*$/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
