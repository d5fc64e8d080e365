// What was said, in files and in words.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { built } from './house.mjs';

const recordings = path.join(import.meta.dirname, '../../../examples/conversation/ru');
const folder = mkdtempSync(path.join(tmpdir(), 'sfera-words-'));
const RATE = 16_000;

/** A recorded utterance of `examples/conversation`, in base64. */
export const spoken = (name) => readFileSync(path.join(recordings, `${name}.wav`)).toString('base64');

/** The same as a file for a fake microphone, which is silent afterwards. */
export function microphoneOf(name, before, after) {
  const wav = readFileSync(path.join(recordings, `${name}.wav`));
  const sound = wav.subarray(wav.indexOf('data') + 8);
  const silence = (seconds) => Buffer.alloc(2 * RATE * seconds);
  return saved(`${name}-microphone`, Buffer.concat([silence(before), sound, silence(after)]));
}

/** 16-bit samples of 16 kHz as a WAV file. */
function saved(name, samples) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(2 * RATE, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  const file = path.join(folder, `${name}.wav`);
  writeFileSync(file, Buffer.concat([header, samples]));
  return file;
}

/** The loudness of what was recorded, in dB of full scale. */
export function level(base64) {
  const bytes = Buffer.from(base64, 'base64');
  let power = 0;
  for (let at = 0; at < bytes.length; at += 2) power += (bytes.readInt16LE(at) / 32_768) ** 2;
  return 10 * Math.log10(power / (bytes.length / 2));
}

/** What Whisper understands of it; it listens to half a minute at a time. */
export function recognized(base64) {
  const bytes = Buffer.from(base64, 'base64');
  const files = [];
  for (let at = 0; at < bytes.length; at += 2 * 28 * RATE) {
    files.push(saved(`heard-${files.length}`, bytes.subarray(at, at + 2 * 28 * RATE)));
  }
  return execFileSync(built('examples', 'transcribe'), files, { encoding: 'utf8' }).trim();
}

const wordsOf = (text) =>
  text
    .toLowerCase()
    .replaceAll('ё', 'е')
    .match(/[\p{L}\d]+/gu) ?? [];

/** How many of the longer words of one text are in the other, 0 to 1: their beginnings, as Whisper hears a
 * synthetic voice's endings badly. */
export function shareOf(said, heard) {
  const beginning = (word) => word.slice(0, 4);
  const known = new Set(wordsOf(heard).map(beginning));
  const telling = wordsOf(said).filter((word) => word.length > 3);
  return telling.filter((word) => known.has(beginning(word))).length / Math.max(1, telling.length);
}
