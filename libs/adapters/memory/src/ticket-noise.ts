/** Lines that trackers' forms bring along, and notes about machines: they are in tickets about anything. */
const NOISE = [
  // Comments of a form, to whoever fills it in.
  /<!--[\s\S]*?(?:-->|$)/g,
  // What was ticked.
  /^\s*(?:[-*+]|\d+\.)\s*\[[ xX]\].*$/gm,
  // Headings of a form.
  /^\s*#{1,6}\s+\S.{0,60}$/gm,
  /^\s*\*\*[^*\n]{1,60}\*\*:?\s*$/gm,
  /^\s*_No response_\s*$/gim,
  // Which versions of what.
  /^[\s>*_+-]*(?:os|platform|browser|environment|operating system|node(?:\.?js)?|npm|yarn|pnpm|python|php|go|golang|java|ruby|docker|[\w .-]{0,30}version(?:\(s\))?|architecture|kernel|distro)\b[\s*_`]*[:=].{0,120}$/gim,
  /^[\s>*+-]*[\w.@/[\]-]+\s*==\s*v?\d+(?:\.\w+)+.*$/gm,
  /^[\s>*+-]*(?:python|node|npm|php|go|ruby|pip|version)\s+v?\d+(?:\.\w+)+\s*$/gim,
  // What `go env` and its like print.
  /^(?:export |set )?[A-Z][A-Z\d_]+="?[^"\n]*"?$/gm,
  // Pictures; addresses keep their last part, which may name a file.
  /!\[[^\]\n]*\]\([^)\s]*\)/g,
  /\bhttps?:\/\/[^\s/]+\/(?:[^\s/]+\/)*/g,
];

/** A ticket without what says nothing about code. */
export function withoutNoise(ticket: string): string {
  return NOISE.reduce((text, noise) => text.replace(noise, ' '), ticket);
}

/** What people say in a ticket, without code and traces. */
export function proseOf(ticket: string): string {
  return ticket
    .replace(/```[\s\S]*?(?:```|$)/g, ' ')
    .replace(/^\s*(?:at |File "|#\d+\s).*$/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
