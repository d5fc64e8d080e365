/** `3:07`, or `1:02:09` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** The day of something past, the year where it is another one; what is no date is left out. */
export function day(at: number, locale: string, now: number = Date.now()): string {
  return past(at, locale, now, {});
}

/** The same with the time of that day. */
export function moment(at: number, locale: string, now: number = Date.now()): string {
  return past(at, locale, now, { hour: 'numeric', minute: '2-digit' });
}

function past(at: number, locale: string, now: number, time: Intl.DateTimeFormatOptions): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year, ...time }).format(date);
}
