/** Line icons of one hand: 24 units, strokes of 1.8. They say nothing on their own; buttons carry words. */
const PATHS = {
  mic: 'M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  micOff:
    'M9 9.5V12a3 3 0 0 0 4.6 2.5M15 11V6a3 3 0 0 0-5.8-1.1M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.5 11.5a6.5 6.5 0 0 1-.5 2.5M12 18v3M4 3l16 18',
  hangUp:
    'M3.5 14.6c0-1 .2-1.7.8-2.400C6.200 10.100 9 8.900 12 8.900s5.800 1.200 7.700 3.300c.6.7.8 1.400.8 2.400v.9c0 .8-.7 1.400-1.500 1.300l-2.600-.4c-.6-.1-1.100-.6-1.100-1.300v-1.700a10.500 10.500 0 0 0-6.600 0v1.700c0 .7-.5 1.200-1.100 1.300l-2.600.4c-.8.1-1.500-.5-1.500-1.300Z',
  send: 'M12 19V5M6 11l6-6 6 6',
  menu: 'M4 7h16M4 12h16M4 17h10',
  close: 'M6 6l12 12M18 6 6 18',
  expand: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  shrink: 'M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5',
  soundOff: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500H4ZM16 9.500l5 5M21 9.500l-5 5',
  down: 'M12 5v14M6 13l6 6 6-6',
  wave: 'M4 10v4M8 7v10M12 4v16M16 8v8M20 10.500v3',
  chat: 'M5 5h14a1.500 1.500 0 0 1 1.500 1.500v8A1.500 1.500 0 0 1 19 16h-7l-5 4v-4H5a1.500 1.500 0 0 1-1.500-1.500v-8A1.500 1.500 0 0 1 5 5Z',
  link: 'M10 14l4-4M9 7l1.500-1.500a4.200 4.200 0 0 1 6 6L15 13M15 17l-1.500 1.500a4.200 4.200 0 0 1-6-6L9 11',
  page: 'M7 3h7l4 4v14H7V3ZM14 3v4h4M10 12h5M10 16h5',
  offline:
    'M3 9a13 13 0 0 1 5-3M21 9a13 13 0 0 0-9.500-3.900M6.500 12.500a8 8 0 0 1 4-2M17.500 12.500a8 8 0 0 0-1.700-1.200M9.500 16a4 4 0 0 1 5 0M12 19.500h.01M4 3l16 18',
  clock: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM12 8v4.500l3 2',
  lock: 'M6.500 11h11v9h-11v-9ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 14.500v2',
  windows: 'M4 8h11v11H4V8ZM8.500 8V4.500H20V16h-5',
  moon: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10Z',
  pause: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17ZM10 9v6M14 9v6',
  nobody: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500c.8-3.600 3.800-6 7.500-6s6.700 2.400 7.500 6',
  alert: 'M12 7.500v5.500M12 16.500h.01M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17Z',
  refresh: 'M19.500 12a7.500 7.500 0 1 1-2.300-5.400M19.500 4v4h-4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
