/** `3:07`, or `1:02:09` from an hour on. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** The day and time of something past, the year where it is another one; what is no date is left out. */
export function moment(at: number, locale: string, now: number = Date.now()): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';
  const wanted = { day: 'numeric', month: 'long', year, hour: 'numeric', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat(locale, wanted).format(date);
}
