'use client';

import { useMediaDeviceSelect } from '@livekit/components-react';
import type { Room } from 'livekit-client';
import { useId } from 'react';
import { useTexts } from '@/i18n/context';
import styles from '@/session/Menu.module.css';

/** Which microphone is heard. */
export default function Devices({ room }: { room: Room }) {
  const { menu } = useTexts();
  const id = useId();
  const { devices, activeDeviceId, setActiveMediaDevice } = useMediaDeviceSelect({
    kind: 'audioinput',
    room,
  });
  return (
    <>
      <label className="unseen" htmlFor={id}>
        {menu.microphone}
      </label>
      <select
        id={id}
        className={styles.select}
        value={activeDeviceId}
        onChange={({ target }) => setActiveMediaDevice(target.value).catch(() => {})}
      >
        {devices.every(({ deviceId }) => deviceId !== 'default') ? (
          <option value="default">{menu.defaultDevice}</option>
        ) : null}
        {devices.map(({ deviceId, label }) => (
          <option key={deviceId} value={deviceId}>
            {deviceId === 'default' || !label ? menu.defaultDevice : label}
          </option>
        ))}
      </select>
    </>
  );
}
