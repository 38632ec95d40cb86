/** Formats a date and time in the locale and time zone of the browser. */
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

/** Formats a cost in millionths of a US dollar; null means that a price is unknown. */
export function cost(micros: number | null | undefined): string {
  if (micros === null || micros === undefined) return 'price unknown';
  return `$${(micros / 1e6).toFixed(micros >= 1e6 ? 2 : 4)}`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2 ? `${(value / 1024).toFixed(1)} kB` : `${(value / 1024 ** 2).toFixed(1)} MB`;
}

/** Returns `needs input` for `needs_input`. */
export function humanize(value: string | null | undefined): string {
  return (value ?? '').replaceAll('_', ' ');
}

/** Formats a duration in milliseconds; null means that nothing was measured. */
export function milliseconds(value: number | null): string {
  return value === null ? '–' : duration(new Date(0).toISOString(), new Date(value).toISOString());
}

/** Returns `today`, `yesterday` or `3 days ago`. */
export function ago(value: string): string {
  const days = Math.floor((Date.now() - new Date(value).getTime()) / 86_400_000);
  return days < 1 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`;
}
