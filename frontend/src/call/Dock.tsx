'use client';

import { useTexts } from '@/i18n/context';
import { Button, RoundButton } from '@/ui/Button';
import { Composer } from './Composer';
import styles from './Dock.module.css';
import { type CallState, isActive } from './machine';
import { canType, remedy } from './view';

export interface DockActions {
  start: (voice: boolean) => void;
  again: () => void;
  dismiss: () => void;
  hangUp: () => void;
  toggleMicrophone: () => void;
  say: (text: string) => Promise<boolean>;
  closeWindow: () => void;
}

interface DockProps {
  state: CallState;
  actions: DockActions;
}

/** What can be done now; one of it stands out. */
export function Dock({ state, actions }: DockProps) {
  if (isActive(state)) return <Talking state={state} actions={actions} />;
  if (state.problem) return <Failed state={state} actions={actions} />;
  return state.phase === 'ended' ? <Ended actions={actions} /> : <Ready actions={actions} />;
}

function Ready({ actions }: Omit<DockProps, 'state'>) {
  const { ready } = useTexts();
  return (
    <div className={styles.choices}>
      <Button kind="primary" icon="mic" onClick={() => actions.start(true)}>
        {ready.start}
      </Button>
      <Button onClick={() => actions.start(false)}>{ready.write}</Button>
    </div>
  );
}

function Talking({ state, actions }: DockProps) {
  const { action } = useTexts();
  const open = state.mic === 'on' || state.mic === 'asking';
  return (
    <div className={styles.talking}>
      <RoundButton
        icon={open ? 'mic' : 'micOff'}
        look={open || state.mic === 'off' ? 'soft' : 'off'}
        label={open ? action.mute : action.unmute}
        disabled={state.mic === 'asking'}
        onClick={actions.toggleMicrophone}
      />
      <Composer ready={canType(state)} onSend={actions.say} />
      <RoundButton icon="hangUp" look="danger" label={action.hangUp} onClick={actions.hangUp} />
    </div>
  );
}

function Ended({ actions }: Omit<DockProps, 'state'>) {
  const { action } = useTexts();
  return (
    <div className={styles.choices}>
      <Button kind="primary" icon="mic" onClick={() => actions.start(true)}>
        {action.again}
      </Button>
      <Button onClick={actions.dismiss}>{action.home}</Button>
    </div>
  );
}

function Failed({ state, actions }: DockProps) {
  const { action } = useTexts();
  const helps = state.problem ? remedy(state.problem) : 'none';
  if (helps === 'retry' || helps === 'takeBack') {
    return (
      <div className={styles.choices}>
        <Button kind="primary" icon={helps === 'retry' ? 'refresh' : undefined} onClick={actions.again}>
          {helps === 'retry' ? action.retry : action.takeBack}
        </Button>
        <Button onClick={actions.dismiss}>{action.home}</Button>
      </div>
    );
  }
  return (
    <div className={styles.choices}>
      <Button kind="primary" onClick={actions.closeWindow}>
        {action.close}
      </Button>
    </div>
  );
}
