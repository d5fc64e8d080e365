import { Story } from '@/stories/Story';

export default function Page() {
  return <Story />;
}
