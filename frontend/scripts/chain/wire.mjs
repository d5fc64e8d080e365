// A wire that can be cut: the browser lives in a network namespace of its own, and this machine is at the
// other end. Needs root, as the tests of `sfera-agent/tests/walls` do.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const run = (...command) => execFileSync(command[0], command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });

/** `null`, said loudly, where nobody may lay one; on CI that is a failure. */
export function layWire() {
  if (process.getuid() !== 0) {
    if (process.env.CI) throw new Error('CI cuts the network, as root');
    console.log('NOT TESTED: a network that is cut needs root');
    return null;
  }
  for (let step = 0; step < 4096; step += 1) {
    const number = (process.pid + step) % 4096;
    const wire = named(number);
    if (wire) return wire;
  }
  throw new Error('there is no free name: see `ip netns`');
}

function named(number) {
  const namespace = `sfera-page-${number}`;
  try {
    run('ip', 'netns', 'add', namespace);
  } catch {
    return null;
  }
  const address = (end) => `10.78.${Math.floor(number / 64)}.${(number % 64) * 4 + end}`;
  const link = `sferap${number}`;
  run('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'wire', 'netns', namespace);
  run('ip', 'address', 'add', `${address(1)}/30`, 'dev', link);
  run('ip', 'link', 'set', link, 'up');
  run('ip', '-n', namespace, 'address', 'add', `${address(2)}/30`, 'dev', 'wire');
  run('ip', '-n', namespace, 'link', 'set', 'wire', 'up');
  run('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
  const nft = (...rule) => run('ip', 'netns', 'exec', namespace, 'nft', ...rule);
  return {
    /** This machine's end. */
    address: address(1),
    /** A program that starts another one at the far end. */
    wrap(program) {
      const script = path.join(mkdtempSync(path.join(tmpdir(), 'sfera-wire-')), 'browser');
      writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${namespace} ${program} "$@"\n`);
      chmodSync(script, 0o755);
      return script;
    },
    /** Nothing passes any more, and nobody is told. */
    cut() {
      nft('add table netdev walls');
      nft('add chain netdev walls out { type filter hook egress device wire priority 0; policy drop; }');
      nft('add chain netdev walls in { type filter hook ingress device wire priority 0; policy drop; }');
    },
    mend() {
      nft('delete table netdev walls');
    },
    close() {
      run('ip', 'netns', 'delete', namespace);
    },
  };
}
