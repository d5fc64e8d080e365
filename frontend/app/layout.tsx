import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import '@/ui/page.css';

export const metadata: Metadata = {
  title: 'Sfera',
  description: 'Голосовой собеседник · A voice to talk to',
  // Files of `public` are not prefixed by the build.
  icons: { icon: '/mini-app/static/icon.svg' },
  robots: { index: false },
  formatDetection: { telephone: false },
};

export const viewport: Viewport = {
  width: 'device-width',
  initialScale: 1,
  viewportFit: 'cover',
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#121318' },
  ],
};

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="ru" suppressHydrationWarning>
      <body>{children}</body>
    </html>
  );
}
