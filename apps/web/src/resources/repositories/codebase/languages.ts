const COLORS = ['#2f5d62', '#df8b5a', '#5e7bb8', '#b8577a', '#7f9c4b', '#8a6fb3', '#4aa3a2', '#999999'];

/** Returns the colour of the language at a zero-based index. */
export function colorOf(n: number): string {
  return COLORS[Math.min(n, COLORS.length - 1)]!;
}
