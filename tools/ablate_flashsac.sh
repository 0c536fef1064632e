#!/usr/bin/env bash
# What each part of FlashSAC is worth: trains it without one part at a time, three seeds each, and
# prints the returns of 100 episodes after it.
#
#   tools/ablate_flashsac.sh FOLDER [TASK] [settings, e.g. --steps 200000 --threads 1]
#
# All of them make an update per 32 transitions, but for those that say otherwise. Runs lie in FOLDER
# and stay there: what is trained is not trained again, so other settings want another folder.

set -euo pipefail

(($# > 0)) || { sed -n '2,9s/^# \?//p' "$0" >&2; exit 2; }
folder=$1
task=${2:-gym/HalfCheetah}
settings=("${@:3}")
mkdir -p "$folder"
fleet=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../fleet

# NAME: the settings that take the part away.
variants=(
  "as it is:"
  "no projection: flashsac.projection=false"
  "no noise repeat: flashsac.max_noise_repeat=1"
  "newest more often: flashsac.sampler=age flashsac.age_horizon=2000"
  "half the updates: flashsac.transitions_per_update=64"
  "twice the updates: flashsac.transitions_per_update=16"
)

# The mean return of a run, once it has been trained and judged.
return_of() {
  grep -o '"return_mean": *[-0-9.e+]*' "$1/eval.json" | grep -o '[-0-9.e+]*$'
}

printf '%-20s %10s %10s %10s\n' "$task" "seed 1" "seed 2" "seed 3"
for variant in "${variants[@]}"; do
  name=${variant%%:*}
  read -ra change <<< "${variant#*:}"
  printf '%-20s' "$name"
  for seed in 1 2 3; do
    run="$folder/${task//\//-}-${name// /-}-$seed"
    if [[ -f "$run/params/run.yaml" && ! -f "$run/eval.json" ]]; then
      command=(train --resume "$run")
    else
      command=(train "$task" --agent flashsac-cpu --seed "$seed" --out "$run"
        flashsac.transitions_per_update=32 "${settings[@]}" "${change[@]}")
    fi
    if [[ ! -f "$run/eval.json" ]] && ! "$fleet" "${command[@]}" > "$run.log" 2>&1; then
      echo; echo "$run.log tells why it failed" >&2; exit 1
    fi
    value=$(return_of "$run") || { echo; echo "$run/eval.json: holds no return" >&2; exit 1; }
    printf ' %10.0f' "$value"
  done
  echo
done
