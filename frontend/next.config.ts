import type { NextConfig } from 'next';

/** With SFERA_STORIES the page /stories shows every state; what is served to people never has it. */
const stories = process.env.SFERA_STORIES === '1';

const config: NextConfig = {
  output: 'export',
  assetPrefix: '/mini-app/static',
  images: { unoptimized: true },
  reactStrictMode: true,
  poweredByHeader: false,
  pageExtensions: stories ? ['tsx', 'story.tsx'] : ['tsx'],
  distDir: stories ? 'out-stories' : 'out',
};

export default config;
