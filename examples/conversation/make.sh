#!/usr/bin/env bash
# Records the user's side of the conversation: ru/*.wav and en/*.wav, 16 kHz, mono, 16 bits.
#
# Needs Debian's festival, festvox-ru, festvox-us-slt-hts and sox. The result is the same every
# time. The user's voice is the agent's, raised (Russian) or lowered (English), with noise at −60 dB.
set -euo pipefail
cd "$(dirname "$0")"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# say FILE VOICE PITCH TEMPO TEXT: pitch in cents, a plus before a vowel marks Russian stress.
say() {
  local file=$1 voice=$2 pitch=$3 tempo=$4 text=$5
  echo "$text" | text2wave -eval "(voice_$voice)" -o "$work/said.wav"
  sox -R -D "$work/said.wav" -r 16000 -b 16 "$work/clean.wav" \
    silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse \
    pitch "$pitch" tempo -s "$tempo" norm -6 pad 0.3 0.5
  sox -R -D -n -r 16000 -b 16 "$work/noise.wav" \
    synth "$(soxi -D "$work/clean.wav")" pinknoise gain -46
  sox -R -D -m -v 1 "$work/clean.wav" -v 1 "$work/noise.wav" -b 16 "$file"
}

ru() { say "ru/$1.wav" msu_ru_nsh_clunits "$2" "$3" "$4"; }
en() { say "en/$1.wav" cmu_us_slt_arctic_hts "$2" "$3" "$4"; }

mkdir -p ru en
ru hello 250 0.9 "Привет!"
ru trading 250 0.9 "Расскажи мне о психологии тр+эйдинга."
ru name 300 1.0 "Меня зовут, +Алекс."
ru whoami 250 0.9 "Как меня зовут?"
ru weather 250 0.9 "Какая погода в Москве?"
ru bitcoin 300 0.95 "Какой курс, битк+оина?"
ru stop 250 0.9 "Стоп, подожди!"
ru aha 300 0.85 "Аг+а!"

en hello -300 0.95 "Hello there!"
en trading -300 0.9 "Tell me about trading psychology."
en name -300 0.9 "My name is Alex."
en whoami -300 0.9 "What is my name?"
en weather -300 1.0 "What's the weather in London?"
en bitcoin -300 1.0 "What is the price of bitcoin?"
en stop -300 0.9 "Stop, wait a moment."
en okay -300 0.9 "Okay."
