/** `2026-11-23 14:05`, in the reader's time zone. */
export function dateTime(value: string | null | undefined): string {
  return value ? new Date(value).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }) : '–';
}

export function duration(from: string | null | undefined, to: string | null | undefined): string {
  if (!from) return '–';
  const seconds = Math.max(
    0,
    Math.round(((to ? new Date(to) : new Date()).getTime() - new Date(from).getTime()) / 1000),
  );
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Millionths of a dollar; null means that a price was not known. */
export function cost(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return 'price unknown';
  return `$${(micros / 1e6).toFixed(micros >= 1e6 ? 2 : 4)}`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2 ? `${(value / 1024).toFixed(1)} kB` : `${(value / 1024 ** 2).toFixed(1)} MB`;
}

/** `needs_input` as `needs input`. */
export function words(value: string | null | undefined): string {
  return (value ?? '').replaceAll('_', ' ');
}

/** A length of time; null means that nothing was measured. */
export function milliseconds(value: number | null): string {
  return value === null ? '–' : duration(new Date(0).toISOString(), new Date(value).toISOString());
}

/** How many days ago, in words. */
export function ago(value: string): string {
  const days = Math.floor((Date.now() - new Date(value).getTime()) / 86_400_000);
  return days < 1 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}
