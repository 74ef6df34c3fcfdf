/** The hidden command that the scripts call: `slipway complete-words -- status --sta`. */
const COMPLETE_WORDS = "complete-words";

const BASH = `_slipway() {
  local line words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do COMPREPLY+=("\${line%%$'\\t'*}"); done < <("\${COMP_WORDS[0]}" ${COMPLETE_WORDS} -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _slipway slipway
`;

const ZSH = `#compdef slipway
_slipway() {
  local line
  local -a values
  for line in "\${(@f)$("\${words[1]}" ${COMPLETE_WORDS} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  if (( \${#values} )); then _describe slipway values; else _files; fi
}
compdef _slipway slipway
`;

const FISH = `function __slipway_words
  set -l words (commandline -opc)
  set -e words[1]
  set -l current (commandline -ct)
  slipway ${COMPLETE_WORDS} -- $words "$current" 2>/dev/null
end
complete -c slipway -f -a '(__slipway_words)'
`;

/** What each shell runs at its start. */
export const SCRIPTS = { bash: BASH, zsh: ZSH, fish: FISH } as const;
